"""The set-up of a clean machine: which Python and which uv it takes, and what it does not redo.

The machine's programs are small scripts here, each with one of the faults that real ones have.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REAL = sys.executable
REFUSES = "echo 'pyenv: version `3.13` is not installed' >&2; exit 127"
TOO_OLD = f'exec "{REAL}" -c "import sys; sys.exit(1)"'
NEITHER_PIP_NOR_VENV = f"""
case "$2" in pip|venv) echo "No module named $2" >&2; exit 1 ;; esac
exec "{REAL}" "$@"
"""
# Takes the folder after --target and puts a program there, as pip would.
INSTALLS = f"""
case "$*" in
  "-m pip --version") exit 0 ;;
  "-m pip install "*)
    while [ "$1" != --target ]; do shift; done
    mkdir -p "$2/bin" && echo 'echo "uv of pip"' >"$2/bin/uv" && chmod +x "$2/bin/uv"
    exit 0 ;;
esac
exec "{REAL}" "$@"
"""
# uv itself gives up at the first Python in PATH that does not run.
ONLY_BY_PATH = """
case "$1 $4" in
  "venv /"*)
    mkdir -p "$2/bin" && printf '#!/bin/sh\\nexec "%s" "$@"\\n' "$4" >"$2/bin/python" &&
      chmod +x "$2/bin/python" ;;
  venv*) exit 2 ;;
esac
"""


class Machine:
    """A folder with this project's set-up in it, and programs that are first in PATH."""

    def __init__(self, home: Path) -> None:
        self.project = home / "project"
        shutil.copytree(ROOT / "scripts", self.project / "scripts")
        shutil.copy(ROOT / ".python-version", self.project)
        (self.project / "requirements-dev.txt").write_text("one==1\n")
        (self.project / "emulator" / "node_modules").mkdir(parents=True)
        (self.project / "emulator" / "package-lock.json").write_text("{}\n")
        self.path: list[Path] = []

    def has(self, name: str, script: str) -> Path:
        """Put a program into a folder of its own, after those that are there."""
        program = self.project.parent / f"bin{len(self.path)}" / name
        program.parent.mkdir()
        _program(program, script)
        self.path.append(program.parent)
        return program

    def is_set_up(self) -> None:
        """Leave what a finished set-up leaves."""
        python = self.project / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        _program(python, f'exec "{REAL}" "$@"')
        shutil.copy(self.project / "requirements-dev.txt", self.project / ".venv/installed.txt")
        modules = self.project / "emulator" / "node_modules"
        shutil.copy(self.project / "emulator/package-lock.json", modules / ".installed-lock.json")

    def setup(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the set-up."""
        path = os.pathsep.join([*map(str, self.path), "/usr/bin", "/bin"])
        return subprocess.run(  # noqa: S603 (the script under test)
            ["/bin/sh", str(self.project / "scripts" / "setup.sh"), *arguments],
            cwd=self.project,
            env={"PATH": path, "HOME": str(self.project.parent)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_pythons_that_do_not_run_or_are_too_old_are_stepped_over(machine: Machine) -> None:
    broken = machine.has("python3", REFUSES)
    old = machine.has("python", TOO_OLD)
    good = machine.has("python3.11", f'exec "{REAL}" "$@"')
    found = machine.setup("pythons").stdout.splitlines()
    assert found[0] == str(good)
    assert not {str(broken), str(old)} & set(found)


def test_a_shim_that_refuses_in_this_folder_only_will_do(machine: Machine) -> None:
    refuses_here = f'case "$PWD" in {machine.project}*) {REFUSES} ;; esac\nexec "{REAL}" "$@"'
    shim = machine.has("python3", refuses_here)
    assert machine.setup("pythons").stdout.splitlines()[0] == str(shim)


def test_a_uv_that_works_is_taken(machine: Machine) -> None:
    uv = machine.has("uv", 'echo "uv 0.13.9"')
    assert machine.setup("uv").stdout == f"{uv}\n"


def test_a_uv_that_does_not_run_is_replaced_by_the_pinned_one(machine: Machine) -> None:
    machine.has("uv", REFUSES)
    python = machine.has("python3", INSTALLS)
    done = machine.setup("uv")
    assert done.stdout == f"{machine.project}/.tools/uv-0.13.9/bin/uv\n"
    assert done.stderr.startswith(f"Installing uv with {python} ... ")
    assert machine.setup("uv").stderr == "", "the second time it is there"


def test_a_python_without_pip_and_venv_gives_way_to_the_next(machine: Machine) -> None:
    machine.has("python3", NEITHER_PIP_NOR_VENV)
    good = machine.has("python3", INSTALLS)
    done = machine.setup("uv")
    assert done.returncode == 0
    assert "No module named venv" in done.stderr
    assert f"Installing uv with {good} ... " in done.stderr


def test_a_finished_setup_is_left_alone(machine: Machine) -> None:
    machine.is_set_up()
    machine.has("uv", "exit 1")
    done = machine.setup()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_python_that_uv_does_not_find_is_found_for_it(machine: Machine) -> None:
    machine.is_set_up()
    shutil.rmtree(machine.project / ".venv")
    machine.has("uv", ONLY_BY_PATH)
    python = machine.has("python3", f'exec "{REAL}" "$@"')
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    assert str(python) in (machine.project / ".venv/bin/python").read_text()


def test_a_changed_lock_is_installed_with_its_hashes(machine: Machine) -> None:
    machine.is_set_up()
    machine.has("uv", f'echo "$@" >>"{machine.project}/asked"')
    (machine.project / "requirements-dev.txt").write_text("one==2\n")
    assert machine.setup().returncode == 0
    asked = (machine.project / "asked").read_text().splitlines()
    assert asked[-1].startswith("pip sync --require-hashes --python ")
    assert (machine.project / ".venv/installed.txt").read_text() == "one==2\n"


def test_a_failed_installation_says_what_failed_and_is_redone(machine: Machine) -> None:
    machine.is_set_up()
    machine.has("uv", 'case "$1" in pip) echo "no such package" >&2; exit 1 ;; esac')
    (machine.project / "requirements-dev.txt").write_text("one==2\n")
    done = machine.setup()
    assert done.returncode != 0
    assert "Installing the Python packages ... failed\nno such package\n" in done.stderr
    assert machine.setup().returncode != 0


def test_make_alone_says_what_it_can_do() -> None:
    make = shutil.which("make")
    assert make is not None
    printed = subprocess.run(  # noqa: S603 (make itself)
        [make, "-s"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "make run" in printed.stdout
    assert "make test" in printed.stdout
