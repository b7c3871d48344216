"""Runs every test suite in turn, or those that are named, and sums up their reports.

A skipped test counts as failed: a test that cannot run must not look fine.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as XML
from dataclasses import dataclass
from pathlib import Path

from support.postgres import Cluster

TOP = Path(__file__).resolve().parent.parent
REPORTS = TOP / "build" / "test"
EXPECTED = [
    "Build", "C", "CommandLine", "Conformance", "Daemon", "Docs", "Fleet", "Histories", "Node", "Operations", "Package", "Python",
    "Remote", "Stress",
]  # fmt: skip
WITH_POSTGRESQL = {"Swift", "Conformance", "ConformanceOrdinary", "Daemon", "Stress"}
# Two of these at once would measure each other; two of Build, or of Node, would build at once.
ALONE = {"Build", "Debian", "Node", "Package", "Stress", "Wheel"}
# What runs against the library as ordinary Swift too, with pytest's options: all that is not about make, and the services in
# the library itself.
IN_BOTH_MODES = {
    "C": ["--ignore=Tests/C/test_make.py"],
    "Conformance": ["-k", "(memory or file) and not daemon"],
}
ORDINARY = "build/ordinary/stage"
SOAK = bool(os.environ.get("D360_SOAK"))
# They make roots of their own, again and again. Debian builds the packages three times, Wheel builds C libraries.
ONLY_IN_SOAK = {"Debian", "Wheel"}
SECONDS = 6 * 3600 if SOAK else 20 * 60


@dataclass
class Count:
    passed: int = 0
    failed: int = 0


def main() -> int:
    # A shell's background jobs ignore Ctrl-C, and so would the tests of it: a child has the default instead of a handler.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    REPORTS.mkdir(parents=True, exist_ok=True)
    total = Count()
    lines = []
    chosen = [suite for suite in suites() if not sys.argv[1:] or suite[0] in sys.argv[1:]]
    # One PostgreSQL for all: each test has databases of its own, and who stops it has a server of its own.
    with Cluster() if WITH_POSTGRESQL & {name for name, _, _ in chosen} else contextlib.nullcontext() as cluster:
        if cluster:
            os.environ["D360_TEST_POSTGRESQL"] = cluster.url
        for name, command, pattern in chosen:
            print(f"\n== {name}: {' '.join(command)}", flush=True)
            started = time.monotonic()
            status = run(command)
            count = read(pattern, status) if pattern else Count(passed=int(status == 0), failed=int(status != 0))
            total.passed += count.passed
            total.failed += count.failed
            lines.append(f"{name:<20} {count.passed:>6} passed {count.failed:>5} failed {time.monotonic() - started:>7.0f} s")
    summary = f"{total.passed} passed, {total.failed} failed"
    print("", *lines, sep="\n")
    (REPORTS / "summary").write_text(summary + "\n")
    print(summary, flush=True)
    return 0 if total.passed and not total.failed else 1


def suites() -> list[tuple[str, list[str], str | None]]:
    """Name, command, and the pattern that its reports match; a command without reports is one test."""
    checks = ["--explicit-target-dependency-import-check", "error"]
    own = shlex.split(os.environ.get("D360_SWIFT_TEST", "--scratch-path build/swift-test"))
    swift = ["swift", "test", *checks, *own, "--xunit-output", str(REPORTS / "swift.xml")]
    found = {path.parent.name for path in (TOP / "Tests").glob("*/test_*.py")}
    all_suites: list[tuple[str, list[str], str | None]] = [
        ("Swift", swift, "swift*.xml"),
        ("Layout", ["make", "--no-print-directory", "lint"], None),
    ]
    left_out = set() if SOAK else ONLY_IN_SOAK
    if os.environ["D360_SWIFT_MODE"] == "ordinary":
        left_out |= {"Build"}  # which is about the embedded library
    for folder in sorted((found | set(EXPECTED)) - left_out):
        all_suites.append((folder, python(folder, folder), f"{folder}.xml"))
        if folder in IN_BOTH_MODES and os.environ["D360_SWIFT_MODE"] == "embedded":
            name = f"{folder}Ordinary"
            command = python(name, folder, *IN_BOTH_MODES[folder])
            environment = ["env", f"D360_STAGE={ORDINARY}", "sh", "-c", '. scripts/environment && exec "$@"', "sh"]
            all_suites.append((name, [*environment, *command], f"{name}.xml"))
    return all_suites


def python(name: str, folder: str, *options: str) -> list[str]:
    return [
        "python3", "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "--durations=3",
        "-n", "0" if folder in ALONE else "4", f"--junitxml={REPORTS / name}.xml", f"Tests/{folder}", *options,
    ]  # fmt: skip


def run(command: list[str]) -> int:
    """The exit status; a suite that hangs is ended with all that it started."""
    process = subprocess.Popen(command, cwd=TOP, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        return process.wait(SECONDS)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        print(f"ended after {SECONDS} s", flush=True)
        return 1


def read(pattern: str, status: int) -> Count:
    """Counts of the JUnit reports; a suite that failed or ran nothing, whatever its reports say, has failed once at least."""
    count = Count()
    for path in REPORTS.glob(pattern):
        for case in XML.parse(path).iter("testcase"):
            if any(case.find(mark) is not None for mark in ("failure", "error", "skipped")):
                count.failed += 1
            else:
                count.passed += 1
    if not count.failed and (status or not count.passed):
        count.failed = 1
    return count


if __name__ == "__main__":
    sys.exit(main())
