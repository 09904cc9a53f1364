"""Commands of docs/operating.md do what they are there for."""

import json
import re
import subprocess
from base64 import b64decode

from callscribe.foundation.jobs import Job, parse_job
from tests.docs.markdown import ROOT, blocks, section

PAGE = ROOT / "docs" / "operating.md"
LINES = [line for block in blocks(PAGE) for line in block.code.splitlines()]


def run(script: str, given: str = "") -> str:
    """Run a line of a shell, as a person would, and return what it prints."""
    command = ["sh", "-euc", script]
    told = subprocess.run(command, input=given, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return told.stdout


def written() -> str:
    """Return the message that the runbook puts back into the queue."""
    [line] = [
        line for line in LINES if line.startswith("az storage message put --queue-name jobs ")
    ]
    content = re.search(r'--content ("\$\(.*\)")', line)
    assert content is not None
    return run(f"printf %s {content[1]}")


def test_a_message_is_put_back_in_the_form_that_the_host_reads() -> None:
    encoding = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    assert encoding["messageEncoding"] == "base64"
    job = parse_job(b64decode(written(), validate=True))
    assert job == Job("finish", "01KKNTQ2CN7VNQX5Q5KKJ0Z75H")


def test_messages_are_shown_as_they_are_meant() -> None:
    [line] = [line for line in LINES if line.startswith("az storage message peek ")]
    _, _, shown = line.partition(" | ")
    found = run(shown, f"{written()}\n{written()}\n").splitlines()
    assert [parse_job(each.encode()) for each in found] == [parse_job(b64decode(written()))] * 2


def test_it_is_told_how_a_message_that_is_not_encoded_shows_itself() -> None:
    told = section(PAGE, "`poison-messages`")
    assert "base64" in told
    assert "no `jobFailed` line" in told
    assert "`jobUnreadable`" in told
