import functools
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("D360WEBHOOK_LIBRARY", str(Path(__file__).parents[2] / "build" / "libd360webhook.so.0"))

from support.raw import close

from .channel import URL, Channel
from .files import CHANNEL, done, opened
from .services import KINDS, REFERENCE, Service

#: What the reference service answered, by test; the others are compared with it.
_reference: dict[Any, list[Any]] = {}


def pytest_configure(config: pytest.Config) -> None:
    """A test on the reference service and the same test on the others go to one worker, which compares them."""
    if getattr(config.option, "dist", "no") != "no":
        config.option.dist = "loadfile"


def name_of(item: Any) -> tuple[Any, ...]:
    """The same for a test on every kind of service."""
    indices = item.callspec.indices if hasattr(item, "callspec") else {}
    return (item.parent.nodeid, item.originalname, *sorted((n, i) for n, i in indices.items() if n != "kind"))


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def opened_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Service]]:
    """Services of every kind, one for each set of options, open until the last test."""
    services: dict[tuple[Any, ...], Service] = {}

    def service(kind: str, **options: Any) -> Service:
        wanted = (kind, *sorted(options.items()))
        if wanted not in services:
            services[wanted] = KINDS[kind](options, tmp_path_factory.mktemp(kind))
        return services[wanted]

    yield service
    for one in services.values():
        one.close()


@pytest.fixture
def services(kind: str, opened_services: Callable[..., Service]) -> Callable[..., Service]:
    return functools.partial(opened_services, kind)


@pytest.fixture
def service(services: Callable[..., Service]) -> Service:
    return services()


@pytest.fixture
def test_name(request: pytest.FixtureRequest) -> tuple[Any, ...]:
    return name_of(request.node)


@pytest.fixture
def transcript(kind: str, test_name: tuple[Any, ...]) -> Iterator[list[Any]]:
    """Holds the calls of one test to what the reference service answered in the same test."""
    calls: list[Any] = []
    yield calls
    if kind == REFERENCE:
        _reference[test_name] = calls
    elif KINDS[kind].says_our_status and test_name in _reference:  # not there where that test was not chosen
        assert calls == _reference[test_name]


@pytest.fixture
def channels(services: Callable[..., Service], transcript: list[Any], test_name: tuple[Any, ...]) -> Callable[..., Channel]:
    """Registers channels that no other test uses, with the same keys and numbers on every kind of service.

    `waba_of`: another channel whose WABA is meant; `options`: those of d360_open.
    """
    seed = zlib.crc32(repr(test_name).encode())
    count = 0

    def register(waba_of: Channel | None = None, options: dict[str, Any] | None = None, **given: Any) -> Channel:
        nonlocal count
        count += 1
        registration = {
            "phone_number_id": f"{10**14 + seed * 100 + count}",
            "phone_number": f"+49{seed:010}{count:02}",
            "waba_id": waba_of.waba_id if waba_of else 2 * 10**14 + seed * 100 + count,
            "api_key": f"key-{seed:08x}-{count}",
            **given,
        }
        registration = {name: value for name, value in registration.items() if value is not None}
        service = waba_of.service if waba_of else services(**(options or {}))
        service.register(registration)
        return Channel(service, transcript, registration)

    return register


@pytest.fixture
def channel(channels: Callable[..., Channel]) -> Channel:
    return channels()


@pytest.fixture(params=[kind for kind, service in KINDS.items() if service.is_embedded])
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """An embedded service with nothing in it."""
    service = KINDS[request.param]({}, tmp_path)
    yield service
    service.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A closed database with one channel in it."""
    client = opened(tmp_path / "w.db")
    done(client, "channel_register", CHANNEL)
    done(client, "customer_webhook_set", "key", {"url": URL})
    close(client)
    return tmp_path / "w.db"
