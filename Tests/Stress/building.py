"""Compiles the C programs of this folder against the library, and runs them."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).parent / "programs"
LIBRARY = Path(os.environ.get("D360WEBHOOK_LIBRARY", TOP / "build" / "libd360webhook.so.0")).resolve()
FLAGS = ["-std=gnu11", "-O1", "-g", "-pthread", "-rdynamic", "-Wall", "-Wextra", "-Werror"]


@dataclass(frozen=True)
class Program:
    path: Path
    environment: dict[str, str]

    def start(self, *arguments: Any, before: Sequence[str] = (), **options: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*before, str(self.path), *map(str, arguments)],
            env=self.environment,
            text=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def run(self, *arguments: Any, seconds: float = 300, before: Sequence[str] = ()) -> str:
        """What it printed; it must end well, and in time."""
        process = self.start(*arguments, before=before)
        try:
            output, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        # ThreadSanitizer's reports are there too; a good run says nothing.
        assert (process.returncode, errors) == (0, ""), f"{self.path.name} ended with {process.returncode}:\n{errors[-20_000:]}"
        return output


def build(
    name: str, folder: Path, compiler: Sequence[str] = ("cc",), library: Path = LIBRARY, flags: Sequence[str] = ()
) -> Program:
    """`library` is linked by its path: a program finds the one that it was built with."""
    program = folder / name
    run_path = f"-Wl,-rpath,{library.parent}"
    command = [*compiler, *FLAGS, str(SOURCES / f"{name}.c"), "-o", str(program), *_headers(), str(library), run_path, *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return Program(program, {**os.environ, "LD_LIBRARY_PATH": str(library.parent)})


def _headers() -> list[str]:
    """Of the installation, if pkg-config knows one; else of this tree."""
    try:
        done = subprocess.run(["pkg-config", "--cflags", "d360webhook"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return [f"-I{TOP / 'include'}"]
    return done.stdout.split() if done.returncode == 0 else [f"-I{TOP / 'include'}"]


def swift_resources() -> Path:
    """The Swift toolchain's own libraries; its clang is beside them."""
    swift = shutil.which("swift")
    assert swift, "there is no swift on PATH"
    done = subprocess.run([swift, "-print-target-info"], capture_output=True, text=True, check=True)
    return Path(json.loads(done.stdout)["paths"]["runtimeResourcePath"])


def build_sanitized_library() -> Path:
    """The library for ThreadSanitizer."""
    checks = ["--explicit-target-dependency-import-check", "error"]
    command = ["swift", "build", *checks, "--sanitize=thread", "--product", "d360webhook", "--scratch-path", "build/tsan"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    library = TOP / "build" / "tsan" / "debug" / "libd360webhook.so"
    symbols = subprocess.run(["nm", "-D", "--undefined-only", str(library)], capture_output=True, text=True, check=True)
    assert "__tsan_func_entry" in symbols.stdout, "the library was built without ThreadSanitizer"
    return library


def build_sanitized(name: str, folder: Path, library: Path) -> Program:
    # The toolchain's clang, as its runtime of the sanitizer is the one that the library expects; that needs libdispatch.
    resources = swift_resources()
    compiler = [str(resources.parents[1] / "bin" / "clang"), "-fsanitize=thread"]
    libraries = resources / "linux"
    flags = [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-ldispatch", "-lBlocksRuntime"]
    return build(name, folder, compiler, library, flags)
