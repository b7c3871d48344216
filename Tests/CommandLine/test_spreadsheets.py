"""KEYS.csv as spreadsheets write it, and secrets as .env files have them."""

import json

import pytest
import yaml

from d360webhook.cli import env_file

from .fleet import SECRETS, Fleet
from .program import KEY, Program

ROWS = [("berlin", "key-of-berlin"), ("München", "key-of-munich")]
HEADER = "name,api_key"


@pytest.mark.parametrize(
    "text",
    [
        "name,api_key\nberlin,key-of-berlin\nMünchen,key-of-munich\n",
        "name;api_key\r\nberlin;key-of-berlin\r\nMünchen;key-of-munich\r\n;\r\n;\r\n",
        "sep=;\r\nname;api_key\r\nberlin;key-of-berlin\r\nMünchen;key-of-munich\r\n",
        "sep=\t\nname\tapi_key\nberlin\tkey-of-berlin\nMünchen\tkey-of-munich\n",
        "name\tapi_key\nberlin\tkey-of-berlin\nMünchen\tkey-of-munich\n\t\n",
        "\ufeffName;API_Key\nberlin;key-of-berlin\nMünchen;key-of-munich\n",
        '\n,,\nname,api_key,note\n berlin , key-of-berlin ,x\n,,\n"München","key-of-munich",\n\n',
        '"name";"api_key";"a, b, c, d"\nberlin;key-of-berlin;\nMünchen;key-of-munich;"1;2"\n',
        'api_key,NAME\n"key-of-berlin",berlin\n"key-of-munich\r\n",München\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_keys_are_read_as_a_spreadsheet_writes_them(fleet: Fleet, text: str, encoding: str) -> None:
    fleet.program.file("keys.csv", text.encode(encoding))
    done = fleet.program("--json", "fleet", "export", "keys.csv")
    assert done.status == 0, done.errors
    assert [(one["name"], one["api_key"]) for one in done.json["document"]["accounts"]] == ROWS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"sep=;\nname;key\n", "keys.csv:2: the column api_key is missing"),
        (b"name;api_key\n\n;\nberlin;\n", "keys.csv:4: api_key is empty"),
        (b"name,api_key\nM\xfcnchen,s3cret\n", "keys.csv:2: not UTF-8 at byte 14; save it as UTF-8"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(fleet: Fleet, content: bytes, said: str) -> None:
    fleet.program.file("keys.csv", content)
    done = fleet.program("fleet", "export", "keys.csv")
    assert (done.status, len(done.errors.splitlines())) == (65, 1)
    assert said in done.errors and "s3cret" not in done.errors


ENV = f"""
# secrets of the fleet
BERLIN_KEY={SECRETS["BERLIN_KEY"]}
export MUNICH_KEY='{SECRETS["MUNICH_KEY"]}' # quoted

  VIENNA_KEY = "{SECRETS["VIENNA_KEY"]}"\r
CRM_TOKEN="{SECRETS["CRM_TOKEN"]}"
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", ENV),
        ("fleet.secrets", ENV.lstrip()),
        ("s.yaml", yaml.safe_dump(SECRETS)),
        ("s", json.dumps(SECRETS)),
        ("block.yaml", "".join(f"{name}: |\n  {value}\n" for name, value in SECRETS.items())),
    ],
)
def test_secrets_are_read_from_yaml_json_and_env_files(fleet: Fleet, name: str, text: str) -> None:
    for variable in SECRETS:
        del fleet.program.environment[variable]
    fleet.program.file(name, text)
    applied = fleet.program("fleet", "apply", "fleet.yaml", "--secrets", name, "--yes")
    assert applied.status == 0, applied.errors + applied.output


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b c", "b c"), ("A=b # c", "b"), ("A=b#c", "b#c"), ("A=", ""), ("A= # nothing", ""), ("A='b # \"c'", 'b # "c'),
        ('A="b\\n\\"c\\" \\$d"', 'b\n"c" $d'), ('A="b\nc" # d\n#', "b\nc"), ("A=b=c", "b=c"), ("A=$B", "$B"), ("A=b\r\n", "b"),
        ("export  A=b", "b"), ("A='b'\n\n", "b"), ("A=é", "é"),
    ],
)  # fmt: skip
def test_a_value_of_an_env_file_is_what_shells_and_containers_read(text: str, value: str) -> None:
    assert env_file.is_one("secrets", text)
    assert env_file.values(".env", text) == {"A": value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A=b\nnothing\n", ".env:2: not NAME=value"), ("A='b\n", ".env:1: the quote is not closed"),
        ('A="b" c\n', ".env:1: the quote is not closed, or text follows it"), ("A=1\n#\nA=2", ".env:3: A is given twice"),
        ("1A=b", ".env:1: not NAME=value"),
    ],
)  # fmt: skip
def test_a_wrong_line_of_an_env_file_is_named_without_its_value(fleet: Fleet, text: str, said: str) -> None:
    fleet.program.file(".env", text)
    done = fleet.program("fleet", "audit", "fleet.yaml", "--secrets", ".env")
    assert (done.status, len(done.errors.splitlines())) == (65, 1)
    assert said in done.errors


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_key_loses_its_line_end_wherever_it_comes_from(run: Program, end: str) -> None:
    file = run.file("key", KEY + end)
    assert run("multi", "get", D360_API_KEY=KEY + end).status == 0
    assert run("--api-key-file", file, "multi", "get", D360_API_KEY="").status == 0
    accounts = [{"name": "a", "api_key": "${KEY}"}, {"name": "b", "api_key": "key-of-munich" + end}]
    run.file("fleet.json", json.dumps({"accounts": accounts}))
    by_name = ("--fleet", "fleet.json", "multi", "get", "--account")
    assert run(*by_name, "a", KEY=KEY + end).status == run(*by_name, "b").status == 0
    assert run("--json", "fleet", "audit", "fleet.json", KEY=KEY + end).json["summary"]["failed"] == 0
