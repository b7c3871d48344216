"""The checks of the build find what they are there for."""

import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
OBJECTS = TOP / "build" / "swift-embedded" / "release"


def test_a_library_that_is_linked_from_another_modules_objects_is_not_made(tmp_path: Path) -> None:
    library = tmp_path / "libd360webhook.so"
    modules = [folder for folder in sorted(OBJECTS.glob("*.build")) if any(folder.rglob("*.o"))]
    other = next(folder for folder in modules if folder.name != "D360Webhook.build")
    command = ["make", f"LIBRARY={library}", f"LINKED=D360Webhook {other.stem}", library]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode != 0 and not library.exists()
    assert f"/{other.name}/" in done.stderr and "is linked into the library beside the objects of D360Webhook" in done.stderr


INITIALIZERS = {
    "throws": "final class C { init() throws(Bad) {} }",
    "throws on the next line": "class C {\n    init(\n        a: Int\n    )\n        throws {}\n}",
    "rethrows": "class C { init(_ make: () throws -> Int) rethrows {} }",
    "may return nil": "class C { init?() { nil } }",
    "is generic": "class C { init<T>(_ a: T) throws where T: Equatable {} }",
    "belongs to a class in a structure": "struct S { class C { init() throws {} } }",
    "belongs to an actor": "actor C { init() throws {} }",
    "is in a condition": "#if os(Linux)\nclass C { init() throws {} }\n#endif",
}
HARMLESS = """
final class C {
    // init() throws
    let text = "init() throws"
    init(_ make: @escaping () throws -> Int) {}
    convenience init() throws { self.init { 1 } }
    struct S { init() throws {} }
    enum E { case a; init?() { return nil } }
    func make() throws {}
}
extension C { convenience init(a: Int) throws { self.init { a } } }
struct T { init() throws {} }
"""


def checked(source: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    file = folder / "Source.swift"
    file.write_text(source)
    return subprocess.run([TOP / "scripts" / "initializers", file], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("source", INITIALIZERS.values(), ids=list(INITIALIZERS))
def test_a_designated_initializer_of_a_class_that_can_fail_is_found(source: str, tmp_path: Path) -> None:
    done = checked(source, tmp_path)
    assert done.returncode == 1 and "Source.swift:" in done.stderr


def test_initializers_that_cannot_leak_are_not_found(tmp_path: Path) -> None:
    done = checked(HARMLESS, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_import_that_package_swift_does_not_list_is_found_even_if_another_module_brings_it(tmp_path: Path) -> None:
    sources = {"A": "public let a = 1", "B": "import A\npublic let b = a", "C": "@testable import A\nimport B\n// import D"}
    for module, text in sources.items():
        (tmp_path / "Sources" / module).mkdir(parents=True)
        (tmp_path / "Sources" / module / "Source.swift").write_text(text)
    targets = '.target(name: "A"), .target(name: "B", dependencies: ["A"]), .target(name: "C", dependencies: ["B"])'
    manifest = f'// swift-tools-version: 6.2\nimport PackageDescription\nlet package = Package(name: "p", targets: [{targets}])\n'
    (tmp_path / "Package.swift").write_text(manifest)
    done = subprocess.run([TOP / "scripts" / "imports", tmp_path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path}/Sources/C/Source.swift: imports A, which Package.swift does not list for C\n"


RETIRED = {
    "a type": ("a.swift", "struct Judge {}\n"),
    "a function": ("a.swift", "func take() {}\n"),
    "a member": ("a.swift", "let isClear = true\n"),
    "a word in a comment": ("a.swift", "// The others are beside it.\n"),
    "a word in a message": ("a.py", 'print("Whatever it is")\n'),
    "a word in a header": ("a.h", "/* It refuses. */\n"),
    "a doc comment in Swift": ("a.swift", "/// What it needs, and\n/// when.\nlet a = 1\n"),
    "a doc comment in Python": ("a.py", 'def f():\n    """Whether it works."""\n'),
    "a comment of the header": ("a.h", "/*\n * Where the text goes.\n */\n"),
}
RIGHT = {
    "a.swift": "struct ClientOptions {}\nlet take = 1\n/// Where the file is missing, it returns nil.\nfunc makeRow() {}\n",
    "a.py": '"""Says what it needs: nothing."""\nMESSAGE = "connection refused"\n',
    "a.md": "# What each row means\n",
}


def held_to_words(name: str, text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    (folder / name).write_text(text)
    return subprocess.run([TOP / "scripts" / "words", folder / name], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("name", "text"), RETIRED.values(), ids=list(RETIRED))
def test_a_retired_word_and_a_doc_comment_without_main_clause_are_found(name: str, text: str, tmp_path: Path) -> None:
    done = held_to_words(name, text, tmp_path)
    assert done.returncode == 1 and f"{name}:" in done.stderr


@pytest.mark.parametrize(("name", "text"), RIGHT.items())
def test_text_that_is_right_is_left_alone(name: str, text: str, tmp_path: Path) -> None:
    done = held_to_words(name, text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
