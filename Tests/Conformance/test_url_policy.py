"""url_policy on a remote service: what the client itself refuses, and what it leaves to the service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import raw

from .answers import Answer
from .channel import URL
from .services import Remote, RemoteVendor


@pytest.fixture(params=[Remote, RemoteVendor])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    """A service that holds to the rules of the cloud, whatever its client thinks."""
    service = request.param({}, tmp_path)
    service.register({"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
    yield service
    service.close()


def set_with(service: Remote, policy: str, webhook: object) -> Answer:
    client = raw.derive(service.client, {"url_policy": policy})[1]
    answer = Answer(service, *raw.call("d360_customer_webhook_set", client, "key", webhook))
    raw.close(client)
    return answer


FOR_THE_SERVICE = [
    "http://hooks.example.com/",
    "https://user@hooks.example.com/",
    "https://hooks.example.com:80/",
    "nonsense",
    "",
]


@pytest.mark.parametrize("url", FOR_THE_SERVICE)
def test_under_none_the_service_decides(service: Remote, url: str) -> None:
    answer = set_with(service, "none", {"url": url}).must_fail("D360_INVALID_REQUEST", "/url")
    assert answer.error["attempts"] == 1 and answer.error["http_status"] == 400
    assert len(service.peer.record) == 1


@pytest.mark.parametrize("url", FOR_THE_SERVICE)
def test_under_cloud_nothing_is_sent(service: Remote, url: str) -> None:
    assert set_with(service, "cloud", {"url": url}).must_fail("D360_INVALID_REQUEST", "/url").was_refused_here
    assert len(service.peer.record) == 0


@pytest.mark.parametrize("url", ["http://localhost:8360/", "https://192.0.2.1/", "https://your_webhook.example.com/"])
def test_under_local_the_service_still_decides_what_it_takes(service: Remote, url: str) -> None:
    assert set_with(service, "local", {"url": url}).must_fail("D360_INVALID_REQUEST", "/url").error["attempts"] == 1


@pytest.mark.parametrize(
    ("webhook", "path"),
    [
        ({"url": URL, "headers": {"X A": "1"}}, "/headers/X A"),
        ({"url": URL, "headers": {"X-A": "1\r\nX-B: 2"}}, "/headers/X-A"),
        ({"url": URL, "headers": {"X-A": 1}}, "/headers/X-A"),
        ({"url": None}, "/url"),
        ({}, ""),
    ],
)
def test_what_is_not_safe_to_send_is_refused_under_none_too(service: Remote, webhook: object, path: str) -> None:
    assert set_with(service, "none", webhook).must_fail("D360_INVALID_REQUEST", path).was_refused_here
    assert len(service.peer.record) == 0
