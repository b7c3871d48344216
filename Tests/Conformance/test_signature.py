"""HMAC-SHA256 of an event's body, against Python's own."""

import hashlib
import hmac

import pytest
from support import raw

from .plain import sign, verify

SECRET = b"platform secret"
BODY = b'{"messages": [{"text": {"body": "hello"}}]}'
MISMATCH = "D360_SIGNATURE_MISMATCH"


def expected(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


VECTORS = {
    "short": (SECRET, BODY),
    "empty body": (SECRET, b""),
    "body with NUL": (SECRET, b"a\0b\0"),
    "bytes that are not UTF-8": (SECRET, bytes(range(256))),
    "secret of one byte": (b"k", BODY),
    "secret of a block": (b"k" * 64, BODY),
    "secret over a block": (b"k" * 65, BODY),
    "secret beyond ASCII": ("Geheimnis für 360".encode(), BODY),
    "secret of 100,000 bytes": (b"k" * 100_000, BODY),
    "body of 3 MB": (SECRET, bytes(range(256)) * 12_000),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_signature_is_the_digest_in_lowercase_hexadecimal_and_is_verified(name: str) -> None:
    secret, body = VECTORS[name]
    assert sign(secret, body) == ("D360_OK", expected(secret, body))
    assert verify(secret, body, expected(secret, body)) == "D360_OK"


def test_rfc_4231_test_case_2() -> None:
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"Jefe", b"what do ya want for nothing?") == ("D360_OK", digest)


DIGEST = expected(SECRET, BODY)


@pytest.mark.parametrize(
    "signature", [DIGEST.upper(), f"sha256={DIGEST}", f"sha256={DIGEST.upper()}", DIGEST[:32].upper() + DIGEST[32:]]
)
def test_either_case_and_the_prefix_of_other_senders_are_taken(signature: str) -> None:
    assert verify(SECRET, BODY, signature) == "D360_OK"


MALFORMED = [
    "",
    "sha256=",
    DIGEST[:-1],
    DIGEST + "0",
    DIGEST[:-2],
    DIGEST + "00",
    f" {DIGEST}",
    f"{DIGEST} ",
    f"{DIGEST}\n",
    "g" + DIGEST[1:],
    f"SHA256={DIGEST}",
    f"sha256:{DIGEST}",
    f"sha256=sha256={DIGEST}",
    f"sha1={DIGEST}",
    f"0x{DIGEST}",
    DIGEST.encode() + b"\xff",
    b"\xff",
    "é" * 32,
    DIGEST * 1000,
    "sha256=" + "0" * 63,
    DIGEST[:63] + "/",
    DIGEST[:63] + ":",
    DIGEST[:63] + "@",
    DIGEST[:63] + "`",
]


@pytest.mark.parametrize("signature", MALFORMED, ids=[ascii(one)[:20] for one in MALFORMED])
def test_any_other_text_is_a_mismatch(signature: str | bytes) -> None:
    assert verify(SECRET, BODY, signature) == MISMATCH


@pytest.mark.parametrize("position", range(64))
def test_a_signature_with_one_digit_changed_is_a_mismatch(position: int) -> None:
    changed = DIGEST[:position] + ("0" if DIGEST[position] != "0" else "1") + DIGEST[position + 1 :]
    assert verify(SECRET, BODY, changed) == MISMATCH


def test_another_secret_or_body_is_a_mismatch() -> None:
    assert verify(b"platform secret ", BODY, DIGEST) == MISMATCH
    assert verify(SECRET, BODY + b"\0", DIGEST) == MISMATCH
    assert verify(SECRET, BODY[:-1], DIGEST) == MISMATCH


def test_null_of_length_0_is_an_empty_body() -> None:
    assert sign(SECRET, None, 0) == ("D360_OK", expected(SECRET, b""))
    assert verify(SECRET, None, expected(SECRET, b""), 0) == "D360_OK"


def test_only_length_bytes_of_the_body_count() -> None:
    assert sign(SECRET, BODY, 5) == ("D360_OK", expected(SECRET, BODY[:5]))


def test_missing_arguments_and_an_empty_secret_are_invalid() -> None:
    assert sign(None, BODY) == ("D360_INVALID_ARGUMENT", None)
    assert sign(b"", BODY) == ("D360_INVALID_ARGUMENT", None)
    assert sign(b"\xff", BODY) == ("D360_INVALID_ARGUMENT", None), "a secret is text"
    assert sign(SECRET, None, 1) == ("D360_INVALID_ARGUMENT", None)
    assert raw.status_name(raw.library.d360_signature_sign(SECRET, BODY, len(BODY), None)) == "D360_INVALID_ARGUMENT"
    assert verify(None, BODY, DIGEST) == "D360_INVALID_ARGUMENT"
    assert verify(b"\xff", BODY, DIGEST) == "D360_INVALID_ARGUMENT"
    assert verify(b"", BODY, DIGEST) == "D360_INVALID_ARGUMENT"
    assert verify(SECRET, None, DIGEST, 1) == "D360_INVALID_ARGUMENT"
    assert verify(SECRET, BODY, None) == "D360_INVALID_ARGUMENT"
