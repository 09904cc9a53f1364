"""Log lines: one JSON object an event, whatever is in it, and nothing that was said."""

import json
import logging
from typing import Any

import pytest

from callscribe.foundation import log

WORDS = "The codeword is heliotrope."


def _lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    formatter = logging.Formatter("%(message)s")
    printed = "\n".join(formatter.format(record) for record in caplog.records)
    return [json.loads(line) for line in printed.split("\n")]


def _fail() -> None:
    try:
        int(WORDS)
    except ValueError as cause:
        raise RuntimeError(WORDS) from cause


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def test_an_event_is_one_line_with_its_call_first(caplog: pytest.LogCaptureFixture) -> None:
    log.info("callRings", "01JD", drives=1)
    log.warning("callbackUnreadable", problem="event 0")
    assert _lines(caplog) == [
        {"event": "callRings", "callId": "01JD", "drives": 1},
        {"event": "callbackUnreadable", "problem": "event 0"},
    ]
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert {record.name for record in caplog.records} == {"callscribe"}


@pytest.mark.parametrize("text", ['a\n{"event": "forged"}', "\r\n", "\u2028", "%s %d", "\x1b[2J"])
def test_no_text_breaks_the_line(caplog: pytest.LogCaptureFixture, text: str) -> None:
    log.info("callback", text, type=text)
    assert _lines(caplog) == [{"event": "callback", "callId": text, "type": text}]
    assert caplog.records[0].getMessage().isprintable()


def test_what_json_does_not_know_is_told_as_text(caplog: pytest.LogCaptureFixture) -> None:
    log.info("callback", value={1})
    assert _lines(caplog) == [{"event": "callback", "value": "{1}"}]


def test_an_error_tells_kind_and_place_of_exceptions_but_not_what_they_say(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        _fail()
    except RuntimeError:
        log.error("unexpected", function="stream_events")
    (line,) = _lines(caplog)
    outer, inner = line["exceptions"]
    assert outer.startswith("RuntimeError < ")
    assert inner.startswith("ValueError < ")
    assert f"{__file__}:" in inner
    assert "heliotrope" not in caplog.text
    assert caplog.records[0].exc_info is None


def test_an_error_without_an_exception_is_a_plain_line(caplog: pytest.LogCaptureFixture) -> None:
    log.error("unexpected", function="reconcile")
    assert _lines(caplog) == [{"event": "unexpected", "function": "reconcile"}]


def test_the_sdks_are_kept_quiet(caplog: pytest.LogCaptureFixture) -> None:
    loggers = {
        name: logging.getLogger(name) for name in ("azure", "azure.communication.callautomation")
    }
    before = {name: logger.level for name, logger in loggers.items()}
    try:
        log.quiet_azure()
        logging.getLogger("azure.core.pipeline").info("Request URL: …/Transcripts(…)")
        logging.getLogger("azure.communication.callautomation._generated").warning("ignored")
        logging.getLogger("azure.core.pipeline").warning("trouble")
    finally:
        for name, logger in loggers.items():
            logger.setLevel(before[name])
    assert caplog.messages == ["trouble"]
