"""The JavaScript clients of Microsoft, which tests run against the emulators."""

from pathlib import Path

from emulator.npm import Packages

CLIENTS = Packages(Path(__file__).parent, "Microsoft's JavaScript clients")

if __name__ == "__main__":
    CLIENTS.install_visibly()
