"""`python -m emulator`: the command line, or one part without loading the command line."""

import importlib
import sys

PARTS = ("azurite", "web-pubsub", "acs", "functions")


def main() -> None:
    """Run the command that the arguments name."""
    # Parts do not load the command line (typer, rich): it takes longer than some parts take to
    # start.
    match sys.argv[1:]:
        case [part, *flags] if part in PARTS and set(flags) <= {"--until-input-ends"}:
            run_part = importlib.import_module("emulator.run_part")
            sys.exit(run_part.run(part, until_input_ends=bool(flags)))
        case ["install"]:
            sys.exit(importlib.import_module("emulator.run_part").install())
        case _:
            importlib.import_module("emulator.cli").main()


if __name__ == "__main__":
    main()
