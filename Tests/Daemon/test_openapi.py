"""/openapi.json describes exactly what is served: each response it describes is had by asking, and no other turns up."""

import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.daemon import PROGRAM, Daemon
from support.postgres import Cluster

from .document import DOCUMENT, METHODS, OPERATIONS, PATH, Answer, ask, check, problems, resolved
from .provocations import PROVOCATIONS, WHOLE, WITHOUT_STORAGE, WITHOUT_TOKEN, Provocation, example

UNKNOWN_PATHS = [
    "/", "/admin", "/admin/", "/admin/channels/a/b", "/v1", "/v1/configs", "/v1/configs/webhook/", "/v1/multi_webhook",
    "/multi_webhook/a/b", "/configs/webhook", "/MULTI_WEBHOOK", "/metrics/", "/healthz/x", "/openapi.yaml", "//multi_webhook",
    "/multi_webhook%2Fcrm",
]  # fmt: skip
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def whole() -> Iterator[Daemon]:
    with Daemon("sqlite::memory:") as daemon:
        yield daemon


@pytest.fixture(scope="module")
def without_token() -> Iterator[Daemon]:
    with Daemon("sqlite::memory:", has_admin=False) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def without_storage() -> Iterator[Daemon]:
    """Its PostgreSQL is gone since it began to serve."""
    with Cluster() as cluster, Daemon(cluster.url) as daemon:
        cluster.kill()
        yield daemon


def path_of(operation: str, parameter: str = "crm") -> str:
    return re.sub(r"\{\w+\}", parameter, OPERATIONS[operation].path)


def send(daemon: Daemon, case: Provocation, identifier: str, key: str) -> Answer:
    operation = OPERATIONS[case.operation]
    headers = {}
    if operation.scheme == "channelKey":
        headers["D360-API-KEY"] = key if case.has_key else "key-of-nobody"
    elif operation.scheme == "adminToken":
        headers["Authorization"] = f"Bearer {daemon.admin_token if case.has_key else 'token-of-nobody'}"
    body = None
    if operation.takes_body:
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
        if case.content_type:
            headers["Content-Type"] = case.content_type
    parameter = case.parameter
    if case.operation == "channel_remove" and parameter == "crm":
        parameter = quote(identifier)
    return ask(daemon.port, operation.method, path_of(case.operation, parameter), body, headers)


def prepare(daemon: Daemon, case: Provocation, identifier: str, key: str) -> None:
    """A channel of the case's own, with its destinations, and another one."""
    daemon.register({"phone_number_id": "another", "waba_id": 1, "api_key": "key-of-another"})
    daemon.register({"phone_number_id": identifier, "waba_id": 123065260884961, "api_key": key})
    if case.destinations is None:
        return
    url = "https://hooks.example.com/kept"
    body = {"enabled": True, "destinations": [{"name": name, "url": url} for name in case.destinations]}
    headers = {"D360-API-KEY": key, "Content-Type": "application/json"}
    assert ask(daemon.port, "POST", "/multi_webhook", json.dumps(body).encode(), headers).code == 200


@pytest.mark.parametrize("case", PROVOCATIONS, ids=str)
def test_a_described_response_is_what_the_daemon_answers(case: Provocation, request: pytest.FixtureRequest) -> None:
    daemon: Daemon = request.getfixturevalue(case.daemon)
    identifier = f"channel {next(_numbers)}"
    key = identifier.replace(" ", "-")
    if case.daemon == WHOLE:
        prepare(daemon, case, identifier, key)
    answer = send(daemon, case, identifier, key)
    assert answer.code == case.code, answer.body
    check(OPERATIONS[case.operation].details["responses"][str(case.code)], answer)
    if case.answer == "unauthorized":
        assert answer.json == resolved({"$ref": "#/components/responses/Unauthorized"})["content"]["application/json"]["example"]
    elif case.answer:
        assert answer.json == example(case.answer)


def test_every_described_response_but_500_is_provoked() -> None:
    described = {(name, code) for name, operation in OPERATIONS.items() for code in operation.codes if code != 500}
    assert described == {(case.operation, case.code) for case in PROVOCATIONS}


def test_the_operations_described_are_those_that_the_daemon_counts(whole: Daemon) -> None:
    counted = re.findall(r'_count\{operation="(\w+)"\}', ask(whole.port, "GET", "/metrics").body.decode())
    assert set(counted) == {*OPERATIONS, "other"}
    assert len(counted) == len(set(counted))


@pytest.mark.parametrize("path", DOCUMENT["paths"])
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_is_not_described_is_answered_405_with_those_that_are(path: str, method: str, whole: Daemon) -> None:
    described = set(DOCUMENT["paths"][path])
    answer = ask(whole.port, method.upper(), path.format(dest_name="crm", phone_number_id="1"))
    if method in described or (method == "head" and "get" in described):
        assert answer.code != 405
        return
    assert answer.code == 405
    allowed = {word.strip().lower() for word in answer.headers["allow"].split(",")}
    assert allowed - {"head"} == described
    if method != "head":
        check(DOCUMENT["components"]["responses"]["MethodNotAllowed"], answer)


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_a_path_that_is_not_described_is_answered_404(path: str, whole: Daemon) -> None:
    answer = ask(whole.port, "GET", path)
    assert answer.code == 404
    check(DOCUMENT["components"]["responses"]["UnknownPath"], answer)


def test_head_is_answered_as_get_without_the_body(whole: Daemon) -> None:
    get, head = (ask(whole.port, method, "/healthz") for method in ("GET", "HEAD"))
    assert (head.code, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(get.body))


@pytest.mark.parametrize("name", [WHOLE, WITHOUT_TOKEN, WITHOUT_STORAGE])
def test_the_document_served_is_the_file_whatever_the_options_are(name: str, request: pytest.FixtureRequest) -> None:
    daemon: Daemon = request.getfixturevalue(name)
    assert ask(daemon.port, "GET", "/openapi.json").body == PATH.read_bytes()


def test_the_document_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_the_document_has_the_version_of_the_program() -> None:
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    assert DOCUMENT["info"]["version"] in said.split()


def contents(place: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each media type of the document, with its place."""
    if isinstance(place, dict):
        for name, value in place.items():
            if name == "content":
                yield from ((f"{path}/{kind}", media) for kind, media in value.items())
            yield from contents(value, f"{path}/{name}")


@pytest.mark.parametrize(("place", "media"), list(contents(DOCUMENT)), ids=lambda value: value if isinstance(value, str) else "")
def test_every_example_fits_its_schema(place: str, media: dict[str, Any]) -> None:
    given = [resolved(given)["value"] for given in media.get("examples", {}).values()]
    given += [media["example"]] if "example" in media else []
    assert given or place.endswith("/openapi/application/json") or "/openapi.json/" in place
    for value in given:
        assert problems(media["schema"], value) == []


def test_every_shared_part_of_the_document_is_used() -> None:
    text = json.dumps(DOCUMENT)
    for kind, parts in DOCUMENT["components"].items():
        for name in parts:
            apart = kind == "responses" and name in ("MethodNotAllowed", "UnknownPath")
            assert apart or kind == "securitySchemes" or f'"#/components/{kind}/{name}"' in text, f"{kind}/{name}"
