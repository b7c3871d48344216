"""Certificates for TLS peers, made by the openssl command: right, self-signed, expired, for another host."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    certificate: Path
    key: Path

    def context(self, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols(list(alpn))
        return context


class Authority:
    """A certificate authority in a folder; `bundle` is what a client trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bundle = folder / "authority.pem"
        self._key = folder / "authority.key"
        self._new_key(self._key)
        _openssl(
            "req", "-x509", "-new", "-key", self._key, "-subj", "/CN=Test Authority", "-days", "2", "-out", self.bundle,
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip

    def identity(self, names: str = "IP:127.0.0.1,DNS:localhost", *, expired: bool = False) -> Identity:
        """Signed by this authority for `names`, an openssl subjectAltName."""
        stem = f"{'expired-' if expired else ''}{names.replace(':', '-').replace(',', '-')}"
        key, request, certificate = (self._folder / f"{stem}.{kind}" for kind in ("key", "csr", "pem"))
        self._new_key(key)
        _openssl("req", "-new", "-key", key, "-subj", "/CN=Test Peer", "-out", request)
        extensions = self._folder / f"{stem}.ext"
        extensions.write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        # "x509" takes whole days from now only; a negative number ends before it begins.
        days = "-1" if expired else "2"
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.bundle, "-CAkey", self._key, "-CAcreateserial", "-days", days,
            "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        return Identity(certificate, key)

    def self_signed(self, names: str = "IP:127.0.0.1,DNS:localhost") -> Identity:
        """Signed by itself: no authority vouches for it."""
        key, certificate = self._folder / "self.key", self._folder / "self.pem"
        self._new_key(key)
        _openssl(
            "req", "-x509", "-new", "-key", key, "-subj", "/CN=Test Peer", "-days", "2", "-addext", f"subjectAltName={names}",
            "-out", certificate,
        )  # fmt: skip
        return Identity(certificate, key)

    def _new_key(self, path: Path) -> None:
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")
