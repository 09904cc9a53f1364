"""The lines on the console: the host's own and the app's."""

import logging
import sys


def configure_logging() -> None:
    """Print log lines without a prefix; the app may set its own levels, as in Azure."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    # In Azure the messages of the runtime itself go to the platform's log, not to the app's.
    logging.getLogger("azure.functions").setLevel(logging.CRITICAL)
