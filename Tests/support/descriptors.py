"""The open descriptors of this process."""

import os
from pathlib import Path


def open_files(below: Path | str = "") -> list[str]:
    """Paths of files, and names of sockets as the kernel gives them; `below`: those that begin with it."""
    links = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        except FileNotFoundError:  # the listing's own
            pass
    return [link for link in links if link.startswith(str(below))]
