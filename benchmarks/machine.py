# SPDX-License-Identifier: Apache-2.0
"""What was measured on: a figure without it says nothing."""

import ctypes
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from listeners import NGINX
from support.postgres import binaries

PACKAGES = ("requests", "httpx", "aiohttp", "fastapi", "uvicorn")


def described(folder: Path) -> list[str]:
    """Lines for above the table. `folder` is where the databases are."""
    loads = " ".join(f"{load:.2f}" for load in os.getloadavg())
    return [
        f"{cpu()}, {len(os.sched_getaffinity(0))} cores",
        f"{os_name()}, Linux {platform.release()}; databases on {file_system(folder)}",
        ", ".join(f"{name} {number}" for name, number in libraries().items()),
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        f"{output(str(binaries() / 'postgres'), '--version')}, nginx {said_number(NGINX, '-v')}, wrk {said_number('wrk', '-v')}",
        f"C programs: {compiler()}, -O2",
        f"load average before: {loads}",
    ]


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def os_name() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown system")


def file_system(folder: Path) -> str:
    return output("df", "--output=fstype", str(folder)).splitlines()[-1]


def compiler() -> str:
    return output("cc", "--version").splitlines()[0]


def libraries() -> dict[str, str]:
    """As loaded, not as installed for development."""
    curl_version = asked("libcurl.so.4", "curl_version")
    return {
        "libcurl": curl_version.split()[0].removeprefix("libcurl/"),
        "jansson": asked("libjansson.so.4", "jansson_version_str"),
        "SQLite": asked("libsqlite3.so.0", "sqlite3_libversion"),
        "OpenSSL": asked("libcrypto.so.3", "OpenSSL_version", 0).split()[1],
        "libmicrohttpd": asked("libmicrohttpd.so.12", "MHD_get_version"),
    }


def asked(library: str, function: str, *arguments: int) -> str:
    call = ctypes.CDLL(library)[function]
    call.restype = ctypes.c_char_p
    text: bytes = call(*arguments)
    return text.decode()


def said_number(*command: str) -> str:
    """The first number with points in what a program says of itself, on whichever stream."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found[0] if found else "of an unknown version"


def output(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
