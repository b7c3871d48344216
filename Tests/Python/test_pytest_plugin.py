# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin, in a pytest of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from Python.source import SOURCE, example_of_the_readme

PACKAGE = SOURCE.parent
DAEMON = Path(os.environ["D360WEBHOOK_LIBRARY"]).parent.parent / "bin" / "d360-webhookd"


def pytest_of(folder: Path, test: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the text of a test file, with the plugin."""
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-p", "pytest_d360webhook", "-p", "no:cacheprovider", "-q", *options, "test_it.py"]
    search = os.pathsep.join(path for path in sys.path if path)
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    whole = {**known, "D360_WEBHOOKD": str(DAEMON), "PYTHONPATH": search, **environment}
    return subprocess.run(command, cwd=folder, env=whole, capture_output=True, text=True, timeout=120)


def passed(run: subprocess.CompletedProcess[str], count: int = 1) -> bool:
    return run.returncode == 0 and f"{count} passed" in run.stdout


@pytest.mark.parametrize("fixture", ["d360_service", "d360_daemon"])
def test_a_fixture_gives_a_fresh_service_with_two_channels_and_the_local_policy(tmp_path: Path, fixture: str) -> None:
    test = f"""
import pytest
from d360webhook import Client

@pytest.mark.parametrize("again", [1, 2])
def test_it({fixture}, again):
    berlin, munich = {fixture}.channels
    assert berlin.waba_id == munich.waba_id and berlin.api_key != munich.api_key
    assert berlin.api_key not in repr({fixture})
    assert {fixture}.channel(1).customer_webhook_get() == {{}}
    for number, channel in enumerate({fixture}.channels):
        {fixture}.channel(number).customer_webhook_set(f"http://127.0.0.1:5000/{{number}}")
        assert {fixture}.client.customer_webhook_get(channel.api_key)["url"].endswith(str(number))
    with Client({fixture}.url, url_policy="local") as other:
        seen = other.waba_webhook_get(berlin.api_key)
        assert seen == {{"waba_id": berlin.waba_id, "numbers_on_this_waba": [berlin.phone_number, munich.phone_number]}}
        assert other.customer_webhook_get(munich.api_key) == {{"url": "http://127.0.0.1:5000/1"}}
"""
    run = pytest_of(tmp_path, test)
    assert passed(run, 2), run.stdout + run.stderr


def test_the_daemon_takes_channels_by_its_token_and_is_gone_after_the_test(tmp_path: Path) -> None:
    test = """
import json, time, urllib.request

def test_it(d360_daemon):
    open("pid", "w").write(str(d360_daemon.process.pid))
    headers = {"Authorization": f"Bearer {d360_daemon.admin_token}", "Content-Type": "application/json"}
    channel = {"phone_number_id": "3", "waba_id": 3, "api_key": "a-third-key-for-the-test"}
    request = urllib.request.Request(f"{d360_daemon.url}/admin/channels", json.dumps(channel).encode(), headers)
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()
    assert d360_daemon.client.waba_webhook_get("a-third-key-for-the-test")["numbers_on_this_waba"] == ["3"]
    until = time.monotonic() + 10  # a line is written once its answer is sent
    while "GET /waba_webhook 200" not in d360_daemon.log_file.read_text():
        assert time.monotonic() < until
"""
    run = pytest_of(tmp_path, test)
    assert passed(run), run.stdout + run.stderr
    assert not Path(f"/proc/{int((tmp_path / 'pid').read_text())}").exists()


def test_the_daemon_ends_when_the_run_is_killed(tmp_path: Path) -> None:
    test = """
import os, signal
def test_it(d360_daemon):
    open("pid", "w").write(str(d360_daemon.process.pid))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert pytest_of(tmp_path, test).returncode == -signal.SIGKILL
    daemon = Path(f"/proc/{int((tmp_path / 'pid').read_text())}/cmdline")
    until = time.monotonic() + 20
    while daemon.exists() and b"d360-webhookd" in daemon.read_bytes():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("kind", ["service", "daemon"])
def test_a_service_of_the_session_is_one_and_is_reset_for_each_test(tmp_path: Path, kind: str) -> None:
    test = f"""
import pytest

urls = set()

@pytest.fixture(scope="session")
def url(d360_{kind}_session):
    return d360_{kind}_session.url

@pytest.mark.parametrize("again", [1, 2, 3])
def test_it(url, d360_{kind}_session, again):
    urls.add(url)
    assert len(urls) == 1
    berlin = d360_{kind}_session.channel()
    assert berlin.customer_webhook_get() == {{}} and berlin.waba_webhook_get().get("url") is None
    assert len(berlin.waba_webhook_get()["numbers_on_this_waba"]) == 2
    berlin.customer_webhook_set("http://127.0.0.1:5000/")
    berlin.waba_webhook_set("http://127.0.0.1:5000/")
"""
    run = pytest_of(tmp_path, test, "--strict-markers")
    assert passed(run, 3), run.stdout + run.stderr


@pytest.mark.parametrize("fixture", ["d360_service", "d360_daemon"])
def test_a_marker_passes_options(tmp_path: Path, fixture: str) -> None:
    test = f"""
import pytest
from d360webhook import LimitExceeded

@pytest.mark.d360(max_destinations=1)
def test_it({fixture}):
    two = [{{"name": name, "url": "http://127.0.0.1:5000/"}} for name in ("a", "b")]
    with pytest.raises(LimitExceeded):
        {fixture}.channel().multi_webhook_set(True, two)
"""
    run = pytest_of(tmp_path, test, "--strict-markers")
    assert passed(run), run.stdout + run.stderr


def test_the_daemon_is_found_on_the_path(tmp_path: Path) -> None:
    path = f"{DAEMON.parent}{os.pathsep}{os.environ['PATH']}"
    run = pytest_of(tmp_path, "def test_it(d360_daemon): d360_daemon.channel().multi_webhook_get()", D360_WEBHOOKD="", PATH=path)
    assert passed(run), run.stdout + run.stderr


@pytest.mark.parametrize(
    ("variable", "path", "said"),
    [
        (
            "",
            "/nowhere",
            "is not on PATH; install d360webhook[daemon] or the program, or set D360_WEBHOOKD to its path",
        ),
        ("/no/such", "/nowhere", "D360_WEBHOOKD names '/no/such', which is no program"),
        ("/bin/false", "/nowhere", "d360_daemon: the daemon ended with 1"),
    ],
)
def test_a_daemon_that_is_not_there_fails_the_test_and_says_what_to_do(
    tmp_path: Path, variable: str, path: str, said: str
) -> None:
    run = pytest_of(tmp_path, "def test_it(d360_daemon): pass", D360_WEBHOOKD=variable, PATH=path)
    assert run.returncode == 1 and "1 error" in run.stdout and said in run.stdout


def test_where_no_fixture_is_asked_for_nothing_is_loaded(tmp_path: Path) -> None:
    test = """
import sys

def test_it(request):
    assert request.config.pluginmanager.hasplugin("pytest_d360webhook")
    loaded = [name for name in sys.modules if name.split(".")[0] in ("d360webhook", "pytest_d360webhook")]
    assert loaded == ["pytest_d360webhook"]
    assert "d360webhook" not in open("/proc/self/maps").read()
"""
    run = pytest_of(tmp_path, test, D360WEBHOOK_LIBRARY="/no/such/library")
    assert passed(run), run.stdout + run.stderr


def test_the_example_of_the_readme_works(tmp_path: Path) -> None:
    example = example_of_the_readme("d360_daemon")
    run = pytest_of(tmp_path, example)
    assert passed(run, example.count("def test_")), run.stdout + run.stderr


def test_installing_the_package_makes_pytest_find_the_plugin(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", installed]
    source = shutil.copytree(PACKAGE, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([*pip, source], check=True)
    assert (installed / "pytest_d360webhook" / "py.typed").is_file()
    (tmp_path / "test_it.py").write_text("def test_it(d360_service): assert d360_service.channel().multi_webhook_get()")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_it.py"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert passed(run), run.stdout + run.stderr
