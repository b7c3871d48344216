"""Chromium without a window, for pages that are files.

It speaks its DevTools protocol over a pipe: that needs no driver and no port, and when the pipe closes, for whatever reason, the
browser ends. chromedevtools.github.io/devtools-protocol
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

SECONDS = 60
# Root has no sandbox in a container. No name resolves, so that nothing can be asked of anybody.
FLAGS = [
    "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--disable-breakpad", "--no-first-run", "--no-default-browser-check",
]  # fmt: skip
# It reads from 3 and writes to 4.
PIPED = 'exec "$@" 3<&0 4>&1 </dev/null >&2'
COMPLAINTS = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
Event = dict[str, Any]


class Browser:
    """`with Browser() as browser:` has a profile of its own, which goes with it."""

    def __init__(self) -> None:
        assert shutil.which("chromium"), "chromium is missing: scripts/setup installs it"
        self._folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        self._said = Path(self._folder.name, "said")
        home = {"HOME": self._folder.name, "TMPDIR": self._folder.name}
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                ["sh", "-c", PIPED, "sh", "chromium", *FLAGS, f"--user-data-dir={self._folder.name}/profile", "about:blank"],
                env={**os.environ, **home}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        self._to, self._from = self._process.stdin, self._process.stdout
        self._unread = b""
        self._calls = 0
        self.events: list[Event] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            with contextlib.suppress(BrokenPipeError):
                self._to.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._from.close()
            self._folder.cleanup()

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """The result. What happened before it is in `events`."""
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        with contextlib.suppress(BrokenPipeError):  # It has ended, and reading tells.
            self._to.write(json.dumps(message).encode() + b"\0")
            self._to.flush()
        end = time.monotonic() + SECONDS
        while (answer := self._next(end)).get("id") != self._calls:
            self.events.append(answer)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def _next(self, end: float) -> Event:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._from.fileno(), 1_048_576) if ready else b""
            assert data, f"chromium {'ended' if ready else 'does not answer'}: {self._said.read_text(errors='replace')}"
            self._unread += data
        message, self._unread = self._unread.split(b"\0", 1)
        event: Event = json.loads(message)
        return event


class Tab:
    """A page in a browser, looked at and used as a person would: with eyes and keys."""

    def __init__(self, browser: Browser, page: Path, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.url = page.as_uri()
        assert "errorText" not in self._call("Page.navigate", url=self.url)
        self.run("new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))")
        self._drawn()

    def close(self) -> None:
        self._call("Page.close")

    def run(self, script: str) -> Any:
        """What an expression of JavaScript is, or what it promises."""
        answer = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def type(self, selector: str, text: str) -> None:
        """Into a field, in place of what is in it."""
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self._press("Backspace", 8)
        for character in text:
            self._call("Input.dispatchKeyEvent", type="keyDown", text=character)
            self._call("Input.dispatchKeyEvent", type="keyUp")
        self._drawn()

    def choose(self, selector: str, value: str) -> None:
        """In a list of options, by its arrow keys."""
        there, wanted = self.run(f"""(() => {{
            const list = document.querySelector({json.dumps(selector)});
            list.focus();
            return [list.selectedIndex, Array.from(list.options, one => one.value).indexOf({json.dumps(value)})];
        }})()""")
        assert wanted >= 0, value
        for _ in range(abs(wanted - there)):
            self._press(*(("ArrowDown", 40) if wanted > there else ("ArrowUp", 38)))
        self._drawn()

    @property
    def requests(self) -> list[str]:
        """Every URL that the page asked for, itself included."""
        return [event["request"]["url"] for event in self._happened("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[Event]:
        """What stands in the browser's console."""
        return self._happened(*COMPLAINTS)

    def _happened(self, *methods: str) -> list[Event]:
        self._drawn()
        events = [event for event in self._browser.events if event.get("sessionId") == self._session]
        return [event["params"] for event in events if event.get("method") in methods]

    def _drawn(self) -> None:
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _press(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def _call(self, method: str, **parameters: Any) -> Any:
        return self._browser.call(method, self._session, **parameters)
