"""`python -m emulator`: the command line, or one part alone without loading the command line."""

import importlib
import sys

PARTS = ("azurite", "web-pubsub", "acs", "functions")


def main() -> None:
    """Run what the arguments say."""
    match sys.argv[1:]:
        case [part, *flags] if part in PARTS and set(flags) <= {"--until-input-ends"}:
            alone = importlib.import_module("emulator.alone")
            sys.exit(alone.run(part, until_input_ends=bool(flags)))
        case ["install"]:
            sys.exit(importlib.import_module("emulator.alone").install())
        case _:
            importlib.import_module("emulator.cli").main()


if __name__ == "__main__":
    main()
