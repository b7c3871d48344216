"""A receiver that accepts an event only if a header has one of its secrets: 200, else 401.

python3 receiver.py SECRETS [PORT]

The file SECRETS has one secret on each line. It is read again for each event, so a change needs no restart. Replace it by `mv`:
a file that is being written is incomplete for a moment. One line for each event says which secret it had, never the secret.
"""

# SPDX-License-Identifier: Apache-2.0

import hmac
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HEADER = "X-Webhook-Secret"
LONGEST = 4 << 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Receiver"

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST:
            self.close_connection = True
            self.answer(411 if not length.isdigit() else 413, "no body of a known length that is short enough")
            return
        self.rfile.read(int(length))  # A real receiver puts it into a queue and works on it after the answer.
        number = self.server.number_of(self.headers.get(HEADER, ""))
        if number:
            self.answer(200, f"secret {number}")
        else:
            self.answer(401, "no secret" if HEADER not in self.headers else "a wrong secret")

    def answer(self, status: int, line: str) -> None:
        print(f"{self.command} {self.path} {status}: {line}", flush=True)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """The line of `answer` is the log."""


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, secrets: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.secrets = secrets

    def number_of(self, given: str) -> int:
        """The line of the secret, or 0. Each line is compared, in constant time, so the time says nothing."""
        found = 0
        for number, secret in enumerate(self.secrets.read_text().split(), 1):
            if hmac.compare_digest(secret.encode(), given.encode(errors="replace")):
                found = found or number
        return found


if __name__ == "__main__":
    Receiver(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 8090).serve_forever()
