"""Installing, upgrading and removing, in a bare Debian where systemd does not run and nothing of Swift is."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from support.documents import agrees, sections

from .bare_root import Root
from .packages import NAMES, TOP, Packages

STATE = "/var/lib/d360-webhookd"
CHANNELS = {"channels": [{"phone_number_id": "106540352242922", "waba_id": 123065260884961, "api_key": "key"}]}
#: Starts the daemon as its unit does it, under its user on its database, and runs what follows with its address and a key.
WITH_DAEMON = f"""
setpriv --reuid d360-webhookd --regid d360-webhookd --clear-groups d360-webhookd \\
    --service sqlite:{STATE}/webhooks.db --channels /tmp/channels.json --listen 127.0.0.1:0 \\
    --port-file {STATE}/port > /tmp/log 2>&1 &
daemon=$!
for _ in $(seq 100); do [ ! -s {STATE}/port ] || break; sleep 0.1; done
export D360_SERVICE=http://127.0.0.1:$(cat {STATE}/port) D360_API_KEY=key
"""
STOP = f"\nkill $daemon; wait $daemon; rm {STATE}/port\n"


@pytest.fixture
def channels(root: Root) -> Path:
    path = root.folder / "tmp" / "channels.json"
    path.write_text(json.dumps(CHANNELS))
    path.chmod(0o644)
    return path


def customer_webhook(root: Root) -> str:
    """Of the daemon's one number."""
    return root.sh(WITH_DAEMON + "d360-webhook customer get" + STOP).strip()


def passwords(root: Root) -> set[str]:
    return {line for name in ("passwd", "group", "shadow") for line in root.text(f"/etc/{name}").splitlines()}


def test_a_c_program_that_was_built_outside_runs(root: Root, packages: Packages, tmp_path: Path) -> None:
    development = packages.unpacked(tmp_path / "dev", "libd360webhook0", "libd360webhook-dev")
    (pc,) = development.glob("usr/lib/*/pkgconfig")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "d360webhook"], capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin", "PKG_CONFIG_PATH": str(pc), "PKG_CONFIG_SYSROOT_DIR": str(development),
             "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1", "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1"},
    ).stdout.split()  # fmt: skip
    program = root.folder / "usr/local/bin/operations"
    subprocess.run(["/usr/bin/cc", TOP / "examples" / "operations.c", *flags, "-o", program], check=True)
    said = root.install(packages.paths("libd360webhook0"))
    assert "Setting up libd360webhook0" in said
    assert root.run("/usr/local/bin/operations", "sqlite::memory:").count("D360_OK") == 9
    assert root.sh("command -v cc gcc clang swift || echo none") == "none\n"
    libraries = root.sh("ldd /usr/lib/*/libd360webhook.so.0")
    assert "not found" not in libraries and "swift" not in libraries


def test_the_lines_of_the_readme_print_what_stands_below_them(root: Root, packages: Packages) -> None:
    install, output = sections(TOP / "README.md")["As Debian packages"]
    folder = root.folder / "build" / "deb"
    folder.mkdir(parents=True)
    for path in packages.paths():
        shutil.copy(path, folder)
    printed = root.sh(install.text.replace("apt install", "apt install -y -q"))
    expected = output.text.replace(":amd64", f":{root.run('dpkg', '--print-architecture').strip()}")
    assert agrees(expected, printed), printed


def test_python_command_line_and_daemon_work(root: Root, packages: Packages, channels: Path) -> None:
    root.install(packages.paths())
    root.run("python3", "-c", "import d360webhook; d360webhook.Client('sqlite::memory:').close()")
    version = packages.field("d360-webhook", "Version")
    assert root.run("d360-webhook", "--version") == f"d360-webhook {version} (libd360webhook {version})\n"
    said = root.sh(WITH_DAEMON + "d360-webhook customer set https://hooks.example.com/main\nd360-webhook --json waba get" + STOP)
    assert json.loads(said.splitlines()[-1])["waba_id"] == 123065260884961
    assert customer_webhook(root) == "https://hooks.example.com/main"


def test_the_daemon_has_a_user_and_a_folder_of_its_own(root: Root, packages: Packages) -> None:
    root.install(packages.paths("d360-webhookd"))
    (user,) = [line.split(":") for line in root.text("/etc/passwd").splitlines() if line.startswith("d360-webhookd:")]
    assert int(user[2]) < 1000 and user[5:] == [STATE, "/usr/sbin/nologin"]
    about = (root.folder / STATE.lstrip("/")).stat()
    assert (stat.S_IMODE(about.st_mode), about.st_uid) == (0o700, int(user[2]))
    enabled = root.folder / "etc/systemd/system/multi-user.target.wants/d360-webhookd.service"
    assert enabled.is_symlink()


def test_an_upgrade_keeps_data_and_settings(root: Root, packages: Packages, older_packages: Packages, channels: Path) -> None:
    root.install(older_packages.paths())
    assert root.run("d360-webhookd", "--version") == "d360-webhookd 0.0.9\n"
    root.sh(WITH_DAEMON + "d360-webhook customer set https://hooks.example.com/before" + STOP)
    settings = root.folder / "etc/default/d360-webhookd"
    settings.write_text(settings.read_text() + 'DAEMON_OPTS="--log-format json"\n')
    said = root.install(packages.paths())
    assert said.count("over (0.0.9)") == len(NAMES)
    assert customer_webhook(root) == "https://hooks.example.com/before"
    assert settings.read_text().endswith('DAEMON_OPTS="--log-format json"\n')


def test_a_library_that_the_python_package_does_not_know_takes_no_place_beside_it(
    root: Root, packages: Packages, older_packages: Packages
) -> None:
    root.install(older_packages.paths("libd360webhook0", "python3-d360webhook"))
    newer = root.offer(packages.paths("libd360webhook0"))
    done = root.try_to("apt-get", "install", "-y", "-q", "--no-remove", *newer, cwd="/packages")
    assert done.returncode != 0 and "python3-d360webhook" in done.stdout
    root.run("python3", "-c", "import d360webhook")


def test_a_downgrade_is_refused_by_apt_and_harmless_when_it_is_insisted_on(
    root: Root, packages: Packages, older_packages: Packages, channels: Path
) -> None:
    root.install(packages.paths())
    root.sh(WITH_DAEMON + "d360-webhook customer set https://hooks.example.com/newer" + STOP)
    older = root.offer(older_packages.paths())
    done = root.try_to("apt-get", "install", "-y", "-q", "--no-install-recommends", *older, cwd="/packages")
    assert done.returncode != 0 and "downgrade" in done.stderr.lower()
    assert customer_webhook(root) == "https://hooks.example.com/newer"
    root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "--allow-downgrades", *older, cwd="/packages")
    assert root.run("d360-webhookd", "--version") == "d360-webhookd 0.0.9\n"
    assert customer_webhook(root) == "https://hooks.example.com/newer"


def test_removing_keeps_data_and_settings_and_purging_leaves_nothing(root: Root, packages: Packages, channels: Path) -> None:
    needed = [
        "libcurl4",
        "libjansson4",
        "libmicrohttpd12",
        "libpq5",
        "libsqlite3-0",
        "python3-click",
        "python3-rich",
        "python3-yaml",
    ]
    root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "systemd", *needed)
    files, users = root.files(), passwords(root)
    root.install(packages.paths())
    root.sh(WITH_DAEMON + "d360-webhook customer set https://hooks.example.com/kept" + STOP)
    root.run("apt-get", "remove", "-y", "-q", *NAMES)
    assert (root.folder / "etc/default/d360-webhookd").exists()
    assert (root.folder / STATE.lstrip("/") / "webhooks.db").exists()
    root.install(packages.paths())
    assert customer_webhook(root) == "https://hooks.example.com/kept"
    root.run("apt-get", "purge", "-y", "-q", *NAMES)
    left = {path: about for path, about in root.files().items() if files.get(path) != about}
    assert {path for path in left if not path.startswith(("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"))} == set()
    assert set(files) - set(root.files()) == set()
    assert passwords(root) == users
    assert not set(NAMES) & set(root.installed())
