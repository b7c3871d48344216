"""Status names, the version, and what may be NULL."""

import ctypes

import pytest
from support import raw

NAMES = [
    "OK",
    "INVALID_ARGUMENT",
    "MALFORMED_JSON",
    "INVALID_REQUEST",
    "UNAUTHORIZED",
    "NOT_FOUND",
    "CONFLICT",
    "NOT_ENABLED",
    "LIMIT_EXCEEDED",
    "RATE_LIMITED",
    "TIMEOUT",
    "NETWORK_ERROR",
    "TLS_ERROR",
    "SERVICE_ERROR",
    "PROTOCOL_ERROR",
    "OUTCOME_UNKNOWN",
    "STORAGE_ERROR",
    "CANCELLED",
    "UNSUPPORTED",
    "SIGNATURE_MISMATCH",
    "OUT_OF_MEMORY",
    "INTERNAL_ERROR",
]


@pytest.mark.parametrize(("code", "name"), list(enumerate(NAMES)))
def test_every_status_has_its_name(code: int, name: str) -> None:
    assert raw.status_name(code) == f"D360_{name}"


@pytest.mark.parametrize("code", [-1, 22, 1000, 2**31 - 1, -(2**31)])
def test_a_number_without_a_status_has_a_name_too(code: int) -> None:
    assert raw.status_name(code) == "D360_UNKNOWN_STATUS"


def test_the_version_is_this_one() -> None:
    assert raw.library.d360_version() == b"0.2.0"


def test_null_is_nothing_to_close_cancel_free_or_log_to() -> None:
    raw.library.d360_close(None)
    raw.library.d360_cancel(None)
    raw.library.d360_string_free(None)
    raw.library.d360_set_log(None, None, None)
    raw.library.d360_set_log(None, raw.LOG(lambda *_: None), None)


def test_open_needs_a_url_and_a_place_for_the_client() -> None:
    status, client, error = raw.open_client(None)
    assert (status, client) == ("D360_INVALID_ARGUMENT", None) and "service_url" in (error or "")
    pointer = ctypes.c_void_p()
    status = raw.library.d360_open(b"sqlite::memory:", None, None, ctypes.byref(pointer))
    assert raw.status_name(status) == "D360_INVALID_ARGUMENT" and "client" in (raw.take(pointer) or "")
    assert raw.status_name(raw.library.d360_open(None, None, None, None)) == "D360_INVALID_ARGUMENT"


def test_open_stores_null_in_client_after_a_failure_and_in_error_after_success() -> None:
    client, error = ctypes.c_void_p(1), ctypes.c_void_p(1)
    raw.library.d360_open(b"nonsense:", None, ctypes.byref(client), ctypes.byref(error))
    assert client.value is None and raw.take(error)
    error = ctypes.c_void_p(1)
    raw.library.d360_open(b"sqlite::memory:", None, ctypes.byref(client), ctypes.byref(error))
    assert client.value and error.value is None
    raw.close(client.value)


def test_the_error_of_an_open_may_go_nowhere() -> None:
    client = ctypes.c_void_p(1)
    status = raw.library.d360_open(b"nonsense:", None, ctypes.byref(client), None)
    assert raw.status_name(status) == "D360_INVALID_ARGUMENT" and client.value is None
