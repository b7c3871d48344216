"""YAML and JSON: what they may hold, and the line that says what is wrong."""

import datetime
import json
from pathlib import Path

import pytest

from d360webhook.cli import documents, files
from d360webhook.cli.exit import Failure


def load(folder: Path, name: str, text: str) -> object:
    path = folder / name
    path.write_text(text)
    return documents.load(str(path))


@pytest.mark.parametrize(
    ("name", "text", "place", "said"),
    [
        ("f.yaml", "a: 1\nb: 2\na: 3\n", "f.yaml:3: ", "the key 'a' occurs twice in one mapping"),
        ("f.yaml", "list:\n- {x: 1, x: 2}\n", "f.yaml:2: ", "the key 'x' occurs twice in one mapping"),
        ("f.yaml", "a:\n\tb: 1\n", "f.yaml:2: ", "cannot start any token"),
        ("f.yaml", "a: [1, 2\nb: 3\n", "f.yaml:2: ", ""),
        ("f.yaml", "a: !!python/object/apply:os.system [id]\n", "f.yaml:1: ", "could not determine a constructor"),
        ("f.yaml", "a: *nothing\n", "f.yaml:1: ", "undefined alias"),
        ("f.yaml", "a: 1\n---\nb: 2\n", "f.yaml:2: ", "another document"),
        ("f.yaml", "a: &a [*a]\n", "f.yaml: ", "nested more than 64 levels"),
        ("f.yaml", "1: a\n", "f.yaml:1: ", "the member name 1 is not a string; quote it"),
        ("f.yaml", "a: !!binary aGk=\n", "f.yaml:1: ", "JSON cannot represent a bytes; quote it (at /a)"),
        ("f.yaml", "a: {b/c: .nan}\n", "f.yaml:1: ", "JSON cannot represent a float; quote it (at /a/b~1c)"),
        ("f.yaml", "a: !!set {b}\n", "f.yaml:1: ", "JSON cannot represent a set; quote it (at /a)"),
        ("f.json", '{"a": 1,\n "a": 2}', "f.json: ", "the member 'a' occurs twice"),
        ("f.json", '{"a": 1,\n b: 2}', "f.json:2: ", "column 2"),
        ("f.json", '{"a": NaN}', "f.json: ", "NaN is not a JSON number"),
        ("f.json", "", "f.json:1: ", "Expecting value"),
        ("f.json", "[" * 100_000, "f.json: ", "nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, name: str, text: str, place: str, said: str) -> None:
    with pytest.raises(Failure) as caught:
        load(tmp_path, name, text)
    assert caught.value.message.startswith(f"{tmp_path}/{place}")
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_anchors_aliases_and_merges_are_yamls_own(tmp_path: Path) -> None:
    text = "base: &base {url: https://a.example.com/}\nx: *base\ny: {<<: *base, name: y}\nz: &z\nw: *z\n"
    url = "https://a.example.com/"
    assert load(tmp_path, "f.yaml", text) == {
        "base": {"url": url}, "x": {"url": url}, "y": {"url": url, "name": "y"}, "z": None, "w": None,
    }  # fmt: skip


def test_aliases_cannot_say_more_than_the_library_would_take(tmp_path: Path) -> None:
    rows = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(Failure, match="at most 64 MiB with its aliases spelled out"):
        load(tmp_path, "f.yaml", "\n".join(rows))


def test_a_file_over_64_mib_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(Failure, match=r"large\.yaml must have at most 64 MiB"):
        documents.load(str(path))


def test_dates_stay_text_and_json_with_tabs_is_json(tmp_path: Path) -> None:
    assert load(tmp_path, "f.yaml", "name: 2026-11-24\n") == {"name": str(datetime.date(2026, 11, 24))}
    value = {"a": [1, {"b": None}], "waba_id": 9007199254740993}
    assert load(tmp_path, "f", json.dumps(value, indent="\t")) == value
    assert load(tmp_path, "f.yaml", "{a: 1, b: [x]}") == {"a": 1, "b": ["x"]}


def test_a_byte_order_mark_is_no_part_of_the_document(tmp_path: Path) -> None:
    assert load(tmp_path, "f.yaml", "\ufeffa: 1\n") == {"a": 1}
    assert load(tmp_path, "f.json", '\ufeff{"a": 1}') == {"a": 1}


def test_names_are_filled_in_wherever_a_text_stands() -> None:
    document = {"a": "${ONE}", "b": ["x${TWO}y${ONE}", 5, None], "${ONE}": "$${ONE} $ONE"}
    names = {"ONE": "1", "TWO": "${ONE}"}
    assert documents.filled(document, "f.yaml", names, "") == {"a": "1", "b": ["x${ONE}y1", 5, None], "${ONE}": "${ONE} $ONE"}


@pytest.mark.parametrize("text", ["${", "a ${}", "$${", "${ONE", "$", "$$", "${1a}"])
def test_a_literal_text_survives_being_filled_in(text: str) -> None:
    assert documents.filled([documents.literal(text)], "f", {}, "") == [text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${BERLIN_KEY}", r"f.yaml: \$\{BERLIN_KEY\} is not set in the environment \(at /accounts/0/api_key\)"),
        ("${}", "must be followed by a name"),
        ("${a b}", "must be followed by a name"),
        ("${OPEN", "must be followed by a name"),
    ],
)
def test_a_name_that_is_missing_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        documents.filled({"accounts": [{"api_key": text}]}, "f.yaml", {"ONE": "s3cret"}, "in the environment")


def test_a_file_is_replaced_as_a_whole_and_a_secret_one_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("before")
    path.chmod(0o644)
    files.write(str(path), "after", is_secret=True)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("after", 0o600)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(Failure, match="cannot write"):
        files.write(str(tmp_path / "no" / "folder"), "text")
