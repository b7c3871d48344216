"""Files are never lost: neither what an output would replace, nor a mode, nor a secret that belongs elsewhere."""

import json
from pathlib import Path

import pytest
import yaml

from .fleet import KEYS, SECRETS, Fleet

EXPORT = ("fleet", "export", "keys.csv", "--out", "out.yaml", "--secrets-out", "out.secrets")


def contents(folder: Path) -> dict[str, str]:
    """Of every file of the test's own."""
    return {path.name: path.read_text() for path in folder.iterdir() if path.suffix in (".yaml", ".secrets", ".csv", ".plan")}


def test_a_second_export_replaces_neither_the_document_nor_the_secrets(fleet: Fleet) -> None:
    run = fleet.program
    assert run(*EXPORT).status == 0
    for name in ("out.yaml", "out.secrets"):
        with (run.folder / name).open("a") as file:
            file.write("# edited\n")
    before = contents(run.folder)
    refused = run(*EXPORT, D360_SERVICE="http://127.0.0.1:9")  # before the network is used: nothing listens there
    assert (refused.status, refused.output, len(refused.errors.splitlines())) == (64, "", 1)
    assert "out.secrets exists; add --force to replace it" in refused.errors
    assert contents(run.folder) == before
    (run.folder / "out.secrets").unlink()
    assert "out.yaml exists" in run(*EXPORT).errors
    assert run(*EXPORT, "--force").status == 0
    assert "# edited" not in (run.folder / "out.yaml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "fleet.yaml", "--out", "fleet.yaml"),
        ("plan", "fleet.yaml", "--out", "./../{folder}/fleet.yaml"),
        ("plan", "fleet.yaml", "--out", "link.yaml"),
        ("plan", "fleet.yaml", "--out", "hard.yaml"),
        ("plan", "fleet.yaml", "--secrets", "s.yaml", "--out", "s.yaml"),
        ("plan", "fleet.yaml", "--out", "keys.csv"),
        ("audit", "fleet.yaml", "--html", "fleet.yaml"),
        ("audit", "fleet.yaml", "--html", "keys.csv"),
        ("export", "keys.csv", "--force", "--out", "keys.csv", "--secrets-out", "s"),
        ("export", "keys.csv", "--force", "--out", "o", "--secrets-out", "keys.csv"),
        ("export", "keys.csv", "--force", "--out", "same", "--secrets-out", "same"),
    ],
)
def test_an_output_that_would_replace_something_else_is_refused_before_the_network_is_used(
    fleet: Fleet, arguments: tuple[str, ...]
) -> None:
    run = fleet.program
    run.file("s.yaml", yaml.safe_dump(SECRETS))
    (run.folder / "link.yaml").symlink_to("fleet.yaml")
    (run.folder / "hard.yaml").hardlink_to(run.folder / "fleet.yaml")
    before = contents(run.folder)
    given = [one.format(folder=run.folder.name) for one in arguments]
    refused = run("--service", "http://127.0.0.1:9", "fleet", *given)
    assert (refused.status, refused.output, len(refused.errors.splitlines())) == (64, "", 1), refused
    assert contents(run.folder) == before


def test_an_earlier_plan_and_an_earlier_page_are_replaced(fleet: Fleet) -> None:
    for _ in range(2):
        assert fleet.program("fleet", "plan", "fleet.yaml", "--out", "fleet.plan").status == 2
        assert fleet.program("fleet", "audit", "fleet.yaml", "--html", "fleet.html").status == 2
    assert json.loads((fleet.program.folder / "fleet.plan").read_text())["summary"]["accounts"] == 3


def test_a_pipe_is_not_a_file_that_can_be_lost(fleet: Fleet) -> None:
    done = fleet.program("fleet", "plan", "fleet.yaml", "--out", "/dev/stderr")
    assert json.loads(done.errors)["summary"]["accounts"] == 3


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_page_keeps_the_mode_of_the_page_before_it(fleet: Fleet, mode: int) -> None:
    fleet.program("fleet", "audit", "fleet.yaml", "--html", "fleet.html")
    page = fleet.program.folder / "fleet.html"
    page.chmod(mode)
    fleet.program("fleet", "audit", "fleet.yaml", "--html", "fleet.html")
    assert page.stat().st_mode & 0o777 == mode


def test_json_prints_no_secret_that_went_to_a_file(fleet: Fleet) -> None:
    fleet.program("fleet", "apply", "fleet.yaml", "--yes")
    done = fleet.program("--json", *EXPORT)
    assert done.status == 0
    assert [secret for secret in (*SECRETS.values(), "t0ken", "s3cr3t") if secret in done.output] == []
    assert set(done.json) == {"document", "report"}
    assert done.json["document"] == yaml.safe_load((fleet.program.folder / "out.yaml").read_text())


@pytest.mark.parametrize("account", ["api", "Api", "service", "webhookd"])
def test_no_name_that_export_makes_up_is_one_that_the_program_reads(fleet: Fleet, account: str) -> None:
    fleet.program.file("keys.csv", f"name,api_key\n{account},{KEYS['BERLIN_KEY']}\n")
    assert fleet.program(*EXPORT).status == 0
    names = yaml.safe_load((fleet.program.folder / "out.secrets").read_text())
    assert names and not [name for name in names if name.startswith("D360_")]
    in_environment = fleet.program("fleet", "plan", "out.yaml", **names)
    assert in_environment.status == 0, in_environment.errors
