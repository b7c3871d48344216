# SPDX-License-Identifier: Apache-2.0
"""Signatures of events."""

import hashlib
import hmac

import pytest

from d360webhook import InvalidArgument, SignatureMismatch, signature_sign, signature_verify

BODY = b'{"object": "whatsapp_business_account"}\0after'


@pytest.mark.parametrize("body", [b"", BODY, bytes(range(256)) * 1000])
@pytest.mark.parametrize("secret", ["secret", "ü" * 100])
def test_a_signature_is_hmac_sha256_in_lowercase_hex(secret: str, body: bytes) -> None:
    assert signature_sign(secret, body) == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_a_signature_verifies_in_either_case_and_with_its_prefix() -> None:
    signature = signature_sign("secret", BODY)
    for accepted in (signature, signature.upper(), f"sha256={signature}"):
        assert signature_verify("secret", BODY, accepted) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("wrong", ["", "sha256=", "z" * 64, "0" * 64, "0" * 63, "ü", "a" * 10_000])
def test_any_other_text_is_a_signature_mismatch(wrong: str) -> None:
    with pytest.raises(SignatureMismatch) as caught:
        signature_verify("secret", BODY, wrong)
    assert (caught.value.status, caught.value.retryable) == ("D360_SIGNATURE_MISMATCH", False)


def test_another_body_or_another_secret_is_a_signature_mismatch() -> None:
    signature = signature_sign("secret", BODY)
    for secret, body in (("other", BODY), ("secret", BODY + b"\n"), ("secret", BODY.split(b"\0")[0])):
        with pytest.raises(SignatureMismatch):
            signature_verify(secret, body, signature)


def test_bodies_may_be_any_bytes_like_object() -> None:
    expected = signature_sign("secret", BODY)
    assert signature_sign("secret", bytearray(BODY)) == expected
    assert signature_sign("secret", memoryview(b"x" + BODY)[1:]) == expected


def test_an_empty_secret_is_an_invalid_argument() -> None:
    with pytest.raises(InvalidArgument, match="secret"):
        signature_sign("", BODY)
    with pytest.raises(InvalidArgument, match="secret"):
        signature_verify("", BODY, "0" * 64)
