"""docs/tutorial.md, typed from its beginning to its end."""

from pathlib import Path

from support.documents import blocks, programs, sections
from support.reader import Reader

from .ports import free_port

TOP = Path(__file__).resolve().parents[2]
PAGE = TOP / "docs" / "tutorial.md"


def test_every_command_prints_what_is_below_it(tmp_path: Path) -> None:
    (numbers,) = programs(PAGE, "json")
    (tmp_path / "numbers.json").write_text(numbers)
    with Reader(tmp_path, {"8361": free_port()}) as reader:
        assert reader.read(blocks(PAGE.read_text())) > 15
    assert "munich" in (tmp_path / "fleet.html").read_text()


def test_the_packages_are_installed_as_the_readme_says() -> None:
    """A test of the packages runs the README's line in a bare Debian."""
    assert programs(PAGE, "sh")[0] == sections(TOP / "README.md")["As Debian packages"][0].text


def test_the_commands_for_the_real_service_run(tmp_path: Path) -> None:
    own = programs(PAGE, "sh")[-1]
    (numbers,) = programs(PAGE, "json")
    (tmp_path / "numbers.json").write_text(numbers)
    with Reader(tmp_path, {"8361": free_port()}) as reader:
        for title in ("2. A service of your own", "3. One number", "5. All numbers in one document"):
            reader.read(block for block in sections(PAGE)[title] if "old.example.com" not in block.text)
        # The real service is not asked in tests: the daemon takes its place.
        kept = f"export D360_SERVICE={reader.environment['D360_SERVICE']}"
        said = [reader.type(line if "unset" not in line else f"{line}; {kept}") for line in own.splitlines()]
    assert said == ["", *["3 accounts, 0 lose events, 3 in sync.\n"] * 2]
    assert "berlin" in (tmp_path / "my-fleet.html").read_text()
