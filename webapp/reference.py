"""The OpenAPI document as a page to read: no script, nothing from elsewhere."""

import re
from collections.abc import Iterator
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from markupsafe import Markup, escape
from msgspec import Struct


class Field(Struct, frozen=True):
    name: str
    kind: str
    note: str
    is_required: bool


class Operation(Struct, frozen=True):
    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    refusals: list[tuple[str, str]]


def render(app: web.Application, document: dict[str, Any]) -> str:
    subjects: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, declared in methods.items():
            operation = _operation(document, method, path, declared)
            subjects.setdefault(declared["tags"][0], []).append(operation)
    env = aiohttp_jinja2.get_env(app)
    env.filters["code"] = _with_code
    return env.get_template("reference.html").render(info=document["info"], subjects=subjects)


def _operation(document: dict[str, Any], method: str, path: str, declared: dict[str, Any]) -> Operation:
    schemas, responses = document["components"]["schemas"], declared["responses"]
    good: dict[str, Any] = next((one for status, one in responses.items() if status.startswith("2")), {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=declared["summary"],
        description=declared.get("description", ""),
        needs_token="security" in declared,
        parameters=[
            Field(one["name"], _kind(schemas, one["schema"]), _note(one), one["required"])
            for one in declared.get("parameters", [])
        ],
        body=list(_fields(document, declared.get("requestBody", {}))),
        answer=list(_fields(document, good)),
        refusals=[(status, one["description"]) for status, one in responses.items() if status[0] in "45"],
    )


def _fields(document: dict[str, Any], holder: dict[str, Any]) -> Iterator[Field]:
    for content in holder.get("content", {}).values():
        yield from _inside(document["components"]["schemas"], content.get("schema", {}), "")


def _inside(schemas: dict[str, Any], schema: dict[str, Any], prefix: str) -> Iterator[Field]:
    """The fields of an object, and below each the fields within it: `sounds[].url`."""
    schema = _resolved(schemas, schema)
    for part in schema.get("allOf", []):
        yield from _inside(schemas, part, prefix)
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        yield Field(prefix + name, _kind(schemas, one), _note(one), name in required)
        is_list = one.get("type") == "array"
        inner = f"{prefix}{name}[]." if is_list else f"{prefix}{name}."
        for choice in [one.get("items", {})] if is_list else one.get("anyOf", [one]):
            yield from _inside(schemas, choice, inner)


def _resolved(schemas: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schemas[name] if name else schema
    return found


def _kind(schemas: dict[str, Any], schema: dict[str, Any]) -> str:
    schema = _resolved(schemas, schema)
    if "const" in schema:
        return str(schema["const"]).lower()
    if "anyOf" in schema:
        return " or ".join(_kind(schemas, one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schemas, schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _note(schema: dict[str, Any]) -> str:
    notes = [schema.get("description", "") or schema.get("schema", {}).get("description", "")]
    notes += [words.format(schema[key]) for key, words in _BOUNDS.items() if key in schema]
    if schema.get("default") is not None and schema["default"] != "":
        notes.append(f"default {schema['default']}")
    return ", ".join(note for note in notes if note)


_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} entries",
}


def _with_code(text: str) -> Markup:
    """What stands between backticks is code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first
