"""Every command of docs/daemon.md, and of the README about the daemon, runs and prints the output shown below it."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.daemon import PROGRAM, Daemon
from support.documents import Block, sections
from support.postgres import ROLE, Cluster

from .document import DOCUMENT, ask
from .walkthrough import TOP, Walkthrough
from .wire import Wire

MANUAL = TOP / "docs" / "daemon.md"
SECTIONS = sections(MANUAL)
CHANNEL = {"phone_number_id": "1065", "waba_id": 123065260884961, "api_key": "key"}
KEY = {"D360-API-KEY": "key", "Content-Type": "application/json"}
EMPTY = {"enabled": False, "destinations": []}


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walkthrough]:
    with Walkthrough(tmp_path) as walk:
        yield walk


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Walkthrough]:
    """A reader who is the superuser `postgres`, as on a new cluster of Debian's."""
    with Cluster() as cluster:
        cluster.execute("CREATE ROLE postgres SUPERUSER LOGIN")
        environment = {
            **os.environ, "PATH": f"{cluster.programs}:{os.environ['PATH']}", "PGHOST": str(cluster.folder), "PGUSER": "postgres",
        }  # fmt: skip
        with Walkthrough(tmp_path, environment) as walk:
            walk.run(Block("sh", f"psql -qc 'ALTER ROLE {ROLE} RENAME TO first'\n"))
            yield walk


def test_every_section_with_commands_has_its_test() -> None:
    tested = {
        "Start it", "With PostgreSQL", "In CI", "Under systemd", "Channels and the admin token", "TLS",
        "Metrics, alerts, logs", "Back-up and restore", "The state that tests begin with",
    }  # fmt: skip
    assert {title for title, blocks in SECTIONS.items() if blocks} == tested


def test_the_state_that_tests_begin_with_can_be_loaded(tmp_path: Path) -> None:
    (block,) = SECTIONS["The state that tests begin with"]
    path = tmp_path / "channels.json"
    path.write_text(block.text)
    with Daemon("sqlite::memory:", ["--channels", str(path)]) as daemon, Wire(daemon.port) as wire:
        shown = wire.ask("GET", "/multi_webhook", [("D360-API-KEY", "key")]).json
        assert [one["name"] for one in shown["destinations"]] == ["crm"]


@pytest.mark.parametrize("title", ["Start it", "Channels and the admin token", "TLS"])
def test_a_daemon_and_its_client_print_what_stands_below_them(title: str, walk: Walkthrough) -> None:
    daemon, client, output = SECTIONS[title]
    assert daemon.is_daemon and output.language == "output"
    walk.run(daemon)
    assert walk.run(client) == output.text.removesuffix("\n")


def test_the_readme_starts_a_daemon_and_asks_it(walk: Walkthrough) -> None:
    daemon, client, output = sections(TOP / "README.md")["As a daemon"]
    walk.run(daemon)
    assert walk.run(client) == output.text.removesuffix("\n")


def test_two_commands_start_it_with_postgresql(postgres: Walkthrough) -> None:
    (block,) = SECTIONS["With PostgreSQL"]
    assert len(block.text.splitlines()) == 2
    postgres.run(block)
    assert ask(postgres.port, "GET", "/readyz").json == {"status": "ready"}
    schemas = "SELECT schema_name FROM information_schema.schemata WHERE schema_owner = 'd360'"
    assert postgres.run(Block("sh", f'psql -At d360 -c "{schemas}"\n')) == "d360_webhook\n"


def test_it_runs_in_ci(walk: Walkthrough) -> None:
    script, workflow = SECTIONS["In CI"]
    assert json.loads(walk.run(script)) == EMPTY
    (walk.folder / "port").unlink()
    test = walk.folder / "test"
    test.write_text("#!/bin/sh\ncurl -sf -H 'D360-API-KEY: key' \"$WABA_BASE_URL/multi_webhook\"\n")
    test.chmod(0o755)
    variables, said = walk.folder / "variables", ""
    variables.touch()
    steps: list[dict[str, Any]] = yaml.safe_load(workflow.text)
    for step in steps:
        given = dict(line.split("=", 1) for line in variables.read_text().splitlines())
        said = walk.run(
            Block("bash", step["run"]), ("bash", "-e", "-o", "pipefail", "-c"),
            RUNNER_TEMP=str(walk.folder), GITHUB_ENV=str(variables), **given,
        )  # fmt: skip
    assert json.loads(said) == EMPTY


def test_systemd_takes_the_unit_its_user_and_its_settings(walk: Walkthrough) -> None:
    walk.install_unit()
    enable, configure = SECTIONS["Under systemd"]
    walk.run(enable)
    assert (walk.root / "etc/systemd/system/multi-user.target.wants/d360-webhookd.service").is_symlink()
    assert "d360-webhookd:" in (walk.root / "etc/passwd").read_text()
    walk.run(configure)
    settings = (walk.root / "etc/default/d360-webhookd").read_text()
    options = re.findall(r'^DAEMON_OPTS="(.*)"$', settings, re.M)
    assert len(options) == 1
    with Daemon("sqlite::memory:", options=shlex.split(options[0])) as daemon:
        ask(daemon.port, "GET", "/healthz")
        # The line is written once the answer has gone.
        daemon.process.terminate()
        daemon.process.wait(20)
        assert '"path":"/healthz"' in daemon.log


def test_the_metrics_are_those_of_the_table(walk: Walkthrough) -> None:
    (block,) = SECTIONS["Metrics, alerts, logs"]
    walk.run(Block("sh", "d360-webhookd --service sqlite::memory:\n"))
    told = set(re.findall(r"^# TYPE (\w+)", walk.run(block), re.M))
    assert told == set(re.findall(r"^\| `(d360_\w+)", MANUAL.read_text(), re.M))


def request(walk: Walkthrough, method: str, body: Any = None) -> Any:
    answer = ask(walk.port, method, "/v1/configs/webhook", json.dumps(body).encode() if body else None, KEY)
    assert answer.code == 200, answer.body
    return answer.json


def serve(walk: Walkthrough, service: str) -> None:
    (walk.folder / "channels.json").write_text(json.dumps({"channels": [CHANNEL]}))
    walk.run(Block("sh", f"d360-webhookd --service {service} --channels channels.json\n"))


def test_a_backup_of_sqlite_restores_what_was_there(walk: Walkthrough) -> None:
    backup, restore, _ = SECTIONS["Back-up and restore"]
    serve(walk, "sqlite:/var/lib/d360-webhookd/webhooks.db")
    kept = request(walk, "POST", {"url": "https://hooks.example.com/kept"})
    walk.run(backup)
    for copy in ("webhooks.db", "webhooks-compact.db"):
        request(walk, "POST", {"url": "https://hooks.example.com/later"})
        walk.stop()
        walk.run(Block("sh", restore.text.replace("/webhooks.db /var", f"/{copy} /var")))
        serve(walk, "sqlite:/var/lib/d360-webhookd/webhooks.db")
        assert request(walk, "GET") == kept
    assert (walk.state / "webhooks.db").stat().st_mode & 0o777 == 0o600


def test_a_backup_of_postgresql_restores_what_was_there(postgres: Walkthrough) -> None:
    _, _, block = SECTIONS["Back-up and restore"]
    dump, restore = block.text.splitlines(keepends=True)
    postgres.run(Block("sh", "createuser d360 && createdb --owner d360 d360\n"))
    serve(postgres, "postgresql://d360@/d360")
    kept = request(postgres, "POST", {"url": "https://hooks.example.com/kept"})
    postgres.run(Block("sh", dump))
    request(postgres, "POST", {"url": "https://hooks.example.com/later"})
    postgres.stop()
    postgres.run(Block("sh", restore))
    serve(postgres, "postgresql://d360@/d360")
    assert request(postgres, "GET") == kept
    assert request(postgres, "POST", {"url": "https://hooks.example.com/new"}) == {"url": "https://hooks.example.com/new"}


def test_the_flags_are_those_of_help() -> None:
    said = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    rows = re.findall(r"^\| (`--.*?) \|", MANUAL.read_text().split("## Flags")[1].split("##")[0], re.M)
    assert set(re.findall(r"`(--[a-z-]+)", " ".join(rows))) == set(re.findall(r"^  (--[a-z-]+)", said, re.M))


def test_the_paths_are_those_of_the_openapi_document() -> None:
    text = MANUAL.read_text().split("## What is served")[1].split("##")[0].replace("{name}", "{dest_name}")
    rows = re.findall(r"^\| (`/.*?) \| (.*?) \|", text, re.M)
    told = {path: set(methods.split(", ")) for paths, methods in rows for path in re.findall(r"`(.*?)`", paths)}
    assert told == {path: {method.upper() for method in methods} for path, methods in DOCUMENT["paths"].items()}
