"""The whole OpenAPI document, explored by schemathesis: whatever is sent, the answer is as documented."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.errors import SchemathesisError
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.config import Limits
from tests.security.conftest import Headers, mobile_of
from tests.security.estate import as_dict
from tests.webapp.admin.conftest import PEOPLE
from webapp.surfaces import API

EXAMPLES = 2  # of each kind, an operation


def refusal_in_form(_context: CheckContext, response: Response, case: Case) -> None:
    """As the contract has refusals of that API."""
    if response.status_code < 400:
        return
    body = response.json()
    assert [body["request_id"]] == response.headers["x-request-id"]
    fault = body["error"] if case.path.startswith(API.prefix) else body
    words = "message" if case.path.startswith(API.prefix) else "detail"
    assert re.fullmatch(r"[a-z_]+", fault["code"])
    assert isinstance(fault[words], str)
    assert fault[words]


def no_server_error(context: CheckContext, response: Response, case: Case) -> None:
    """But for `/readyz`, whose business it is to say that the database takes its time."""
    if (case.path, response.status_code) != ("/readyz", 503):
        not_a_server_error(context, response, case)


CHECKS = [
    refusal_in_form,
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_ID_OF = {"History": "event", "Statistics": "live_id", "Overlay and socket": "filename", "Audio": "filename"}
SOCKETS = {"/v2/ws", "/api/ws"}


@pytest.fixture
def limits():
    return Limits(**dict.fromkeys(Limits.model_fields, "1000000/minute"))


@pytest.fixture
async def explore(client, voice, estate):
    """Tries every operation, in a thread of its own; fails by what was not as documented."""
    voice.go_on.set()
    document = await (await client.get("/openapi.json")).json()
    base = str(client.make_url("")).rstrip("/")

    async def run(pass_of: Callable[[str], Headers], examples: int) -> None:
        def work() -> list[str]:
            return list(_explored(document, Visit(base, pass_of, as_dict(estate), examples)))

        if wrong := await asyncio.to_thread(work):
            pytest.fail("\n\n".join(wrong), pytrace=False)

    return run


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer e30.e30.x"}], ids=["none", "no good one"])
async def test_without_a_token(explore, headers):
    await explore(lambda _: headers, examples=1)


async def test_as_a_streamer(explore, services, ann):
    mobile = await mobile_of(services, PEOPLE["ann"])

    await explore(lambda path: ann if path.startswith(API.prefix) else mobile, EXAMPLES)


async def test_as_an_admin(explore, services, boss):
    mobile = await mobile_of(services, PEOPLE["boss"])

    await explore(lambda path: boss if path.startswith(API.prefix) else mobile, EXAMPLES)


class Visit(NamedTuple):
    base: str
    pass_of: Callable[[str], Headers]
    ids: dict[str, Any]
    examples: int


def _explored(document: dict[str, Any], visit: Visit) -> Iterator[str]:
    schema = schemathesis.openapi.from_dict(document)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode, ids in [] if operation.path in SOCKETS else _ways(operation, visit.ids):
            strategy = operation.as_strategy(generation_mode=mode, path_parameters=ids)
            try:
                _try(strategy, visit, visit.pass_of(operation.path))
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, operation.label  # nothing to get wrong
            except (FailureGroup, SchemathesisError) as error:
                yield f"{operation.label} {mode.value}: {_told(error)}"


def _ways(operation: APIOperation, ids: dict[str, Any]) -> list[tuple[GenerationMode, dict[str, Any] | None]]:
    """Right, wrong, and right about something that is there."""
    known = {
        one.name: ids.get(one.name) or ids[_ID_OF[operation.tags[0]]] for one in operation.path_parameters
    }
    about = [(GenerationMode.POSITIVE, known)] if known else []
    return [*((mode, None) for mode in GenerationMode), *about]


def _try(strategy: Any, visit: Visit, headers: Headers) -> None:
    @given(strategy)
    @settings(
        max_examples=visit.examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answered(case: Case) -> None:
        response = case.call(base_url=visit.base, headers=headers, timeout=60)
        case.validate_response(response, checks=CHECKS)

    answered()


def _told(error: Exception) -> str:
    return "; ".join(str(one) for one in getattr(error, "exceptions", [error]))
