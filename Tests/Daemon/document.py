"""The OpenAPI document, and whether what was answered is what it describes."""

import json
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

PATH = Path(__file__).resolve().parents[2] / "Sources" / "Daemon" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text())
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
_REGISTRY = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(DOCUMENT))


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    details: dict[str, Any]

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.details

    @property
    def scheme(self) -> str | None:
        """Of the security schemes the one it needs."""
        return next((name for needed in self.details.get("security", []) for name in needed), None)

    @property
    def codes(self) -> set[int]:
        return {int(code) for code in self.details["responses"]}


OPERATIONS: dict[str, Operation] = {
    details["operationId"]: Operation(details["operationId"], method.upper(), path, details)
    for path, methods in DOCUMENT["paths"].items()
    for method, details in methods.items()
}


@dataclass
class Answer:
    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        # A body that is too long is rejected before it is read.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, body, headers or {})
        response: HTTPResponse = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def resolved(value: Any) -> Any:
    """The object that a reference names."""
    while isinstance(value, dict) and set(value) == {"$ref"}:
        place: Any = DOCUMENT
        for part in value["$ref"].removeprefix("#/").split("/"):
            place = place[part.replace("~1", "/").replace("~0", "~")]
        value = place
    return value


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    """Why a value does not fit a schema of the document."""
    # References are looked up in the document, wherever the schema is.
    base = {"$id": "urn:schema", **_absolute(schema)}
    return [error.message for error in Draft202012Validator(base, registry=_REGISTRY).iter_errors(value)]


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"urn:openapi{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(element) for element in schema] if isinstance(schema, list) else schema


def check(response: dict[str, Any], answer: Answer) -> None:
    """Holds an answer to the response that describes it: content type, headers, body."""
    response = resolved(response)
    content_type = answer.headers["content-type"].split(";")[0]
    assert content_type in response["content"], f"{content_type} is not described"
    value: Any = answer.json if content_type == "application/json" else answer.body.decode()
    assert problems(response["content"][content_type]["schema"], value) == []
    for name, header in response.get("headers", {}).items():
        given = answer.headers.get(name.lower())
        assert given is not None or not header.get("required"), f"{name} is missing"
        assert given is None or problems(header["schema"], given) == []
