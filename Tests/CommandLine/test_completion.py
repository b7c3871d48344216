"""Completion, tried in the shells themselves: commands, options, files, accounts."""

import re
import subprocess
from pathlib import Path

import pytest

from .program import Program
from .shell import path_with_program

# A line as it is typed, and as it is after the TAB.
LINES = {
    "d360-webhook mul": "d360-webhook multi",
    "d360-webhook fleet au": "d360-webhook fleet audit",
    "d360-webhook customer get --js": "d360-webhook customer get --json",
    "d360-webhook fleet plan fle": "d360-webhook fleet plan fleet.yaml",
    "d360-webhook --api-key-file k": "d360-webhook --api-key-file keyfile",
    "d360-webhook multi append --from dest": "d360-webhook multi append --from destinations.json",
    "d360-webhook fleet audit fleet.yaml --secrets se": "d360-webhook fleet audit fleet.yaml --secrets secretsfile",
    "d360-webhook fleet audit fleet.yaml --only mun": "d360-webhook fleet audit fleet.yaml --only munich",
    "d360-webhook --fleet fleet.yaml --account ber": "d360-webhook --fleet fleet.yaml --account berlin",
    "d360-webhook --url-policy lo": "d360-webhook --url-policy local",
}
SETUP = {
    "bash": "bind 'set enable-bracketed-paste off'; source ./script",
    "zsh": "bindkey -e; autoload -Uz compinit; compinit -u -D; source ./script",
}
COMMAND = {"bash": ("bash", "--norc", "-i"), "zsh": ("zsh", "-f", "-i")}


@pytest.fixture
def program(run: Program) -> Program:
    """With the files of the lines, and d360-webhook on PATH."""
    run.file("fleet.yaml", "accounts:\n- {name: berlin, api_key: a}\n- {name: munich, api_key: '${UNSET}'}\n")
    for name in ("keyfile", "destinations.json", "secretsfile"):
        run.file(name, "")
    run.environment["PATH"] = path_with_program(run.folder)
    run.environment["HOME"] = str(run.folder)
    return run


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_bash_and_zsh_complete_what_is_typed(program: Program, shell: str) -> None:
    program.file("script", program("completion", shell).output)
    # TAB, then to the beginning of the line, and the shell says what the line has become.
    typed = "".join(f"{line}\t\x01echo GOT \n" for line in LINES)
    steps = [("READY>", f"{SETUP[shell]}; echo SOUR''CED\n"), ("SOURCED", f"{typed}exit\n")]
    environment = {"PS1": "READY>", "HISTFILE": ""}
    shown = program.terminal(width=200, typed=steps, environment=environment, command=COMMAND[shell])
    got = [line.strip() for line in re.findall(r"^\r?GOT (.*)$", shown.text, re.M)]
    assert got == list(LINES.values()), shown.text


def test_fish_completes_what_is_typed(program: Program, tmp_path: Path) -> None:
    script = program.file("script.fish", program("completion", "fish").output)
    for line, whole in LINES.items():
        command = ["fish", "--no-config", "-c", "source $argv[1]; complete --do-complete $argv[2]", script, line]
        done = subprocess.run(
            command, cwd=program.folder, env=program.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        offered = [row.split("\t")[0] for row in done.stdout.splitlines()]
        assert whole.split()[-1] in offered, (line, done)


@pytest.mark.parametrize("content", ["accounts: [", "accounts: 5", "accounts: [5, {name: 7}]", "\udcff"])
def test_a_document_that_cannot_be_read_completes_nothing_and_says_nothing(program: Program, content: str) -> None:
    program.file("fleet.yaml", content.encode(errors="surrogateescape"))
    words = {"COMP_WORDS": "d360-webhook fleet audit fleet.yaml --only ", "COMP_CWORD": "5"}
    done = program(_D360_WEBHOOK_COMPLETE="bash_complete", **words)
    assert (done.output.strip(), done.errors) == ("", "")
