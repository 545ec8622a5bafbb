"""The OpenAPI 3.1 document, made from the declared calls so that it cannot say anything else."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec

from core import errors
from core.errors import AppError
from webapp.api import Call, Calls, paths_of
from webapp.errors import status_of
from webapp.media import AUDIO
from webapp.surfaces import V2, Surface

TITLE = "TTBoost"
DESCRIPTION = (
    "Gifts ring and chat is spoken while a TikTok LIVE runs. Sign in, send the token as "
    "`Authorization: Bearer`, open the socket at `/v2/ws`. Times are ISO 8601 in UTC. A refusal is "
    '`{"detail", "code", "request_id"}`: show `detail`, decide by `code`. Every call that needs a token may '
    "answer 401 `missing bearer token` or `invalid token`, every call 429 with `Retry-After`.\n\n"
    "Below `/v2` is the API of the mobile app, below `/api` that of the Mini App and the web; a token opens "
    'one of the two. `/api` answers `{"success": true, …}` or `{"success": false, "error": {"code", '
    '"message", "details"}, "request_id"}`. Money is a number with two decimals.'
)

SOCKET = """\
WebSocket. The token in the address, or as `Authorization: Bearer`, or `?ticket=` from `POST /v2/ws/ticket`. \
Every message is one JSON object with a `type`.

Stream messages carry `seq` (+1 each), `id`, `ts` and `effects` (all that fired: `trigger_id`, `action`, \
URLs, `volume`): `chat` (`user`, `message`, `tts_url`), `gift` (`user`, `gift_name`, `count`, `sound_url`, \
`gift_id`, `diamonds`, `total_diamonds`, `tts_url`, `streak`), `like` (`user`, `count`, `total`), \
`viewer_join`, `viewer_first_message`, `follow`, `share`, `subscribe` (`user`, `sound_url`, `tts_url`), \
`viewer` (`current`, `total`), `effect` (`trigger_id`, `action`, `sound_url`, `tts_url`, `text`, `volume`). \
Others: `status`, `queue`, `control`, `error`, `pong`.

To say: `{"action": "ping"}`, `{"action": "played", "id": …}`, `{"action": "skip" | "pause" | "resume" | \
"clear"}`, `{"action": "connect_tiktok", "username": …}`, `{"action": "disconnect_tiktok"}`.

Play every URL in `effects`, then `sound_url` and `tts_url` where they are not among them. After a cut come \
back with `?since=` and the last `seq`: what was missed and is not too old is sent again, what is lost is \
told as `gap` in `status`.

Close codes: 4400 tiktok username not set, 4401 invalid token, 4403 license, 4409 replaced by another player \
(do not come back by yourself), 4413 too slow, 4429 too many, 1001 the server stops (come back at once)."""

WEBAPP_SOCKET = (
    "The same socket for tokens of the WebApp API; tickets come from `POST /api/ws/ticket`. It also tells "
    "`order_update`."
)

_REF = "#/components/schemas/{name}"
_PATH_FIELD = re.compile(r"{(\w+)}")

Groups = Mapping[Surface, Iterable[Calls]]


def document(groups: Groups) -> dict[str, Any]:
    declared = [(surface, call) for surface, some in groups.items() for group in some for call in group.all]
    schemas = _Schemas(declared)
    paths: dict[str, Any] = {}
    for surface, call in declared:
        for path in paths_of(call, surface):
            paths.setdefault(path, {})[call.method.lower()] = _operation(surface, call, path, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": version("ttboost"), "description": DESCRIPTION},
        "paths": paths | _plain_paths(schemas),
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["success"],
    "properties": {"success": {"const": True}},
}


class _Schemas:
    def __init__(self, declared: list[tuple[Surface, Call]]) -> None:
        kinds = {kind for _, call in declared for kind in (call.body, call.query, call.answer) if kind}
        kinds |= {surface.problem for surface, _ in declared}
        ordered = sorted(kinds, key=lambda kind: kind.__name__)
        refs, self.components = msgspec.json.schema_components(ordered, ref_template=_REF)
        self._refs = dict(zip(ordered, refs, strict=True))

    def of(self, kind: type) -> dict[str, Any]:
        return self._refs[kind]

    def in_envelope(self, kind: type) -> dict[str, Any]:
        """With `success` beside its fields, also where it has no room for more than those."""
        inner = self._component(kind)
        if inner.get("additionalProperties") is not False:
            return {"allOf": [_ENVELOPE, self.of(kind)]}
        required = [*_ENVELOPE["required"], *inner.get("required", [])]
        return {**inner, "required": required, "properties": _ENVELOPE["properties"] | inner["properties"]}

    def properties(self, kind: type) -> dict[str, Any]:
        found: dict[str, Any] = self._component(kind)["properties"]
        return found

    def _component(self, kind: type) -> dict[str, Any]:
        found: dict[str, Any] = self.components[self._refs[kind]["$ref"].rpartition("/")[2]]
        return found


def _operation(surface: Surface, call: Call, path: str, schemas: _Schemas) -> dict[str, Any]:
    name = f"{surface.prefix.strip('/')}_{call.handler.__name__}"
    operation: dict[str, Any] = {
        "operationId": f"{name}_short" if path == surface.prefix + (call.short or "") else name,
        "tags": [call.tag],
        "summary": call.summary,
        "responses": {
            str(call.status): _success(surface, call, schemas),
            **_refusals(surface, call, schemas),
        },
    }
    if call.signed_in:
        operation["security"] = [{"bearer": []}]
    if parameters := _parameters(call, schemas):
        operation["parameters"] = parameters
    if call.body:
        operation["requestBody"] = {"required": True, "content": _json(schemas.of(call.body))}
    if call.upload:
        operation["requestBody"] = {"required": True, "content": _form(call.upload)}
    return operation


def _success(surface: Surface, call: Call, schemas: _Schemas) -> dict[str, Any]:
    if call.media:
        return {"description": "Audio", "content": {call.media: {}}}
    if call.answer is None:
        return {"description": "Done"}
    content = _json(schemas.in_envelope(call.answer) if surface.has_envelope else schemas.of(call.answer))
    asked = call.query or call.body
    if asked and "format" in schemas.properties(asked):
        content["text/csv"] = {}
    return {"description": "Done", "content": content}


def _refusals(surface: Surface, call: Call, schemas: _Schemas) -> dict[str, Any]:
    kinds: list[type[AppError]] = [*call.refusals, errors.RateLimited]
    if call.signed_in:
        kinds += [errors.MissingToken, errors.InvalidToken]
    if call.role:
        kinds.append(errors.Forbidden)
    if call.body or call.query:
        kinds.append(errors.Invalid)
    if call.body:
        kinds += [errors.TooLarge, errors.UnsupportedMediaType]
    by_status: dict[HTTPStatus, list[str]] = {}
    for kind in dict.fromkeys(kinds):
        by_status.setdefault(status_of(kind), []).append(kind.text)
    problem = _json(schemas.of(surface.problem))
    return {
        str(status.value): {"description": " · ".join(texts), "content": problem}
        for status, texts in sorted(by_status.items())
    }


def _parameters(call: Call, schemas: _Schemas) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_FIELD.findall(call.path)
    ]
    in_query = [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in (schemas.properties(call.query) if call.query else {}).items()
    ]
    in_header = [_key_header(is_required=call.keyed == "must")] if call.keyed else []
    return in_path + in_query + in_header


def _key_header(*, is_required: bool) -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": is_required,
        "description": "The caller's name for this very act: sent again, it is answered as the first time",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _form(field: str) -> dict[str, Any]:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    schema = {"type": "object", "required": [field], "properties": {field: file}}
    return {"multipart/form-data": {"schema": schema}}


def _plain_paths(schemas: _Schemas) -> dict[str, Any]:
    """What is not made of declared calls: the socket, audio, and what operators look at."""
    problem = {"description": "not found", "content": _json(schemas.of(V2.problem))}
    audio: dict[str, Any] = {AUDIO: {}}
    media = _plain(
        "Audio",
        "An address from an answer or a message",
        {
            "200": {
                "description": "Audio; chunked and without `ETag` while it is being made",
                "content": audio,
            },
            "206": {"description": "The part asked for by `Range`", "content": audio},
            "304": {"description": "As `If-None-Match` has it"},
            "404": problem,
            "416": {"description": "No such part"},
            "503": {**problem, "description": "no engine could speak it"},
        },
    )
    media["parameters"] = [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}]
    socket = _plain("Overlay and socket", "Events as they happen", {"101": {"description": "A WebSocket"}})
    socket |= {"description": SOCKET, "operationId": "v2_ws", "parameters": _socket_parameters()}
    ok = {"200": {"description": "Well"}}
    text = {"200": {"description": "Prometheus text", "content": {"text/plain": {}}}}
    refused = {"403": {**problem, "description": "neither the token nor this machine"}}
    unready = {"503": {**problem, "description": "the database cannot be reached"}}
    webapp_socket = socket | {"operationId": "api_ws", "description": WEBAPP_SOCKET}
    return {
        "/v2/ws": {"get": socket},
        "/api/ws": {"get": webapp_socket},
        "/media/{name}": {"get": media},
        "/healthz": {"get": _plain("Operation", "Whether the process is alive", ok)},
        "/readyz": {"get": _plain("Operation", "Whether it can serve", ok | unready)},
        "/metrics": {"get": _plain("Operation", "Metrics, with the token or from loopback", text | refused)},
    }


def _plain(tag: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    name = "_".join(re.findall(r"\w+", summary.lower())[:4])
    return {"operationId": name, "tags": [tag], "summary": summary, "responses": responses}


def _socket_parameters() -> list[dict[str, Any]]:
    known = {
        "token": "From signing in",
        "ticket": "Instead of the token",
        "since": "The last `seq` that arrived",
        "role": "`monitor`: see all, play nothing",
    }
    return [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in known.items()
    ]
