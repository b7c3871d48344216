"""A running d360-webhookd: a process of the test's own, ended with it."""

import json
import os
import signal
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pytest_d360webhook._starting import SECONDS, end, start

PROGRAM = Path(os.environ.get("D360WEBHOOK_LIBRARY", "")).parent.parent / "bin" / "d360-webhookd"
TOKEN = "admin-token-of-the-tests"


class Daemon:
    """Listens on a free port of 127.0.0.1 once it is made. `options` are further flags; its log is in `log`.

    Without `has_admin` it has no token file; `popen` is what subprocess.Popen takes besides.
    """

    def __init__(
        self,
        service: str,
        options: Sequence[str] = (),
        *,
        scheme: str = "http",
        has_admin: bool = True,
        port_file: Path | None = None,
        **popen: Any,
    ) -> None:
        self.service = service
        self.admin_token = TOKEN
        self.folder = tempfile.TemporaryDirectory(prefix="d360-webhookd-")
        folder = Path(self.folder.name)
        self.log_file = folder / "log"
        port_file = port_file or folder / "port"
        flags = ["--listen", "127.0.0.1:0", "--port-file", str(port_file)]
        if has_admin:
            token = folder / "token"
            token.touch(mode=0o600)
            token.write_text(TOKEN + "\n")
            flags += ["--admin-token-file", str(token)]
        self.process, self.port = start([str(PROGRAM), "--service", service, *flags, *options], port_file, self.log_file, **popen)
        self.url = f"{scheme}://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def register(self, channel: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"{self.url}/admin/channels",
            json.dumps(channel).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.admin_token}"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            assert json.load(answer) == {"message": "Channel registered"}

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        end(self.process)

    def close(self) -> None:
        """Its folder goes too."""
        self.kill()
        self.folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
