"""A bare Debian, made by debootstrap, in a folder: no compiler, no Swift, no systemd that runs."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# A process namespace, so that what a command leaves running ends with it; mounts that nobody else sees. The root is a mount, as
# elsewhere: tests change how it is shared.
INSIDE = """mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@" """
#: What is left of installing any package.
CACHES = ["/var/cache/", "/var/lib/apt/", "/var/lib/dpkg/", "/var/log/", "/tmp/", "/etc/ld.so.cache", "/packages/"]


#: The release of this machine's own Debian, which its packages are built for.
OWN = dict(re.findall(r'^(\w+)="?(.*?)"?$', Path("/etc/os-release").read_text(), re.M))["VERSION_CODENAME"]


def make(folder: Path, release: str = OWN) -> None:
    """From where this machine's apt gets packages."""
    assert os.geteuid() == 0, "debootstrap and chroot need root: sudo make deb-test"
    done = subprocess.run(["debootstrap", "--variant=minbase", release, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    settings = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True).stdout
    (folder / "etc/apt/apt.conf.d/90machine").write_text(settings)
    # No service is started while packages are installed, as nothing runs here that could.
    root = Root(folder)
    root.run("apt-get", "update", "-q")


class Root:
    """Where packages are installed. Every command has processes and mounts of its own, and what it starts ends with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def copy(self, folder: Path) -> "Root":
        """Another one like it."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.folder, folder], check=True)
        return Root(folder)

    def try_to(self, *command: str, cwd: str = "/", **environment: str) -> "subprocess.CompletedProcess[str]":
        """How a command ended, with what it printed."""
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", INSIDE, str(self.folder)]
        known = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        return subprocess.run(
            [*namespaces, "sh", "-c", 'cd "$0" && exec "$@"', cwd, *command], env={**known, **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip

    def run(self, *command: str, cwd: str = "/", **environment: str) -> str:
        """What a command printed that ended well."""
        done = self.try_to(*command, cwd=cwd, **environment)
        assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    def sh(self, script: str, **environment: str) -> str:
        """The same of a shell script."""
        return self.run("sh", "-ec", script, **environment)

    def offer(self, packages: Iterable[Path]) -> list[str]:
        """Puts files into the root's folder /packages; apt's names for them."""
        folder = self.folder / "packages"
        folder.mkdir(exist_ok=True)
        return [f"./{Path(shutil.copy(path, folder)).name}" for path in packages]

    def install(self, packages: Iterable[Path], *more: str) -> str:
        """apt install of these files, and of packages by name."""
        return self.run(
            "apt-get", "install", "-y", "-q", "--no-install-recommends", *self.offer(packages), *more, cwd="/packages"
        )

    def installed(self) -> dict[str, str]:
        """Packages with their state; configuration that is left counts."""
        lines = self.run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n").splitlines()
        return dict(line.split(maxsplit=1) for line in lines)

    def files(self, but: Sequence[str] = tuple(CACHES)) -> dict[str, tuple[int, int, int]]:
        """Every path with its mode and owner, but for caches."""
        found = {}
        for folder, folders, names in os.walk(self.folder):
            for name in (*folders, *names):
                path = os.path.join(folder, name)
                inside = path.removeprefix(str(self.folder))
                if not any(inside.startswith(one) or f"{inside}/" == one for one in but):
                    about = os.lstat(path)
                    found[inside] = (about.st_mode, about.st_uid, about.st_gid)
        return found

    def text(self, path: str) -> str:
        return (self.folder / path.lstrip("/")).read_text()


#: The root of a release, made at its first use.
Bare = Callable[[str], Root]


@contextmanager
def bare_roots(folder: Path) -> Iterator[Bare]:
    """Makes them in `folder`, and removes them at the end."""
    made: dict[str, Root] = {}

    def of(release: str) -> Root:
        if release not in made:
            make(folder / release, release)
            made[release] = Root(folder / release)
        return made[release]

    yield of
    for root in made.values():
        shutil.rmtree(root.folder)
