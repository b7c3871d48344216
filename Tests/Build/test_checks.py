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
