"""Which form of a transcript is sent, and which version it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from callscribe.foundation.errors import BadInputError, NotAcceptableError
from callscribe.transcripts.exporting import Document, document_of, parse_transcript_query
from tests.transcripts.said import BARE, CALL, CALLER, HELLO, OTHER


def document(params: Mapping[str, str], accept: str | None = None, **call: Any) -> Document:
    query = parse_transcript_query(params, accept)
    return document_of(replace(CALL, **call), {}, [BARE, HELLO], query)


@pytest.mark.parametrize(
    ("params", "accept", "name"),
    [
        ({}, None, "01KB5Z.json"),
        ({}, "", "01KB5Z.json"),
        ({}, "*/*", "01KB5Z.json"),
        ({}, "text/vtt", "01KB5Z.vtt"),
        ({}, "text/srt", "01KB5Z.srt"),
        ({}, "application/x-ndjson, application/json;q=0.5", "01KB5Z.jsonl"),
        ({}, "text/*;q=0.1, text/csv", "01KB5Z.csv"),
        ({"format": "markdown"}, "text/vtt", "01KB5Z.md"),
        ({"format": "text"}, "application/pdf", "01KB5Z.txt"),
    ],
)
def test_the_format_counts_before_what_is_accepted(
    params: dict[str, str], accept: str | None, name: str
) -> None:
    assert document(params, accept).file_name == name


def test_a_type_that_is_not_offered_is_not_acceptable() -> None:
    with pytest.raises(NotAcceptableError, match=r"^Accept: expected one of application/json, "):
        document({}, "application/pdf")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"format": ""}, "format: expected one of json, jsonl, text, markdown, vtt, srt, csv"),
        ({"format": "JSON"}, "format: expected one of"),
        ({"format": "json,text"}, "format: expected one of"),
        ({"format": "json", "q": ""}, "q: expected text"),
        ({"q": " \u3000"}, "q: expected text"),
        ({"tz": "Nowhere"}, "tz: expected an IANA time zone such as Europe/Berlin"),
        ({"tz": ""}, "tz: expected an IANA time zone"),
        ({"bom": "yes"}, "bom: expected true or false"),
        ({"bom": ""}, "bom: expected true or false"),
        ({"limit": "5"}, "limit: unknown, expected only format, q, tz, bom"),
    ],
)
def test_a_wrong_parameter_is_named(params: dict[str, str], message: str) -> None:
    with pytest.raises(BadInputError, match=rf"^{message}"):
        document(params)


@pytest.mark.parametrize("name", ["json", "jsonl", "text", "markdown", "vtt", "srt", "csv"])
def test_only_what_is_sought_is_shown_in_every_format(name: str) -> None:
    shown = document({"format": name, "q": "HELLO"}).body.decode()
    assert "Hello." in shown
    assert "Hi." not in shown
    assert "Hi." in document({"format": name}).body.decode()


@pytest.mark.parametrize("name", ["json", "jsonl", "text", "markdown", "vtt", "srt", "csv"])
def test_nobodys_number_is_in_a_format_without_raw_ids(name: str) -> None:
    call = replace(CALL, caller_name=CALLER.removeprefix("4:"))
    said = [HELLO, replace(BARE, speaker_id=OTHER)]
    shown = document_of(
        call, {}, said, parse_transcript_query({"format": name}, None)
    ).body.decode()
    for number in (CALLER, OTHER):
        assert (number.removeprefix("4:+") in shown) == (name in ("json", "jsonl", "csv"))
        assert f"•••{number[-4:]}" in shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("text", "[05:54:03] caller: Hello."),
        ("markdown", "**caller** 05:54:03"),
        ("csv", "2026-11-23T05:54:03.000+11:00"),
    ],
)
def test_people_read_times_in_their_zone(name: str, shown: str) -> None:
    assert shown in document({"format": name, "tz": "Australia/Sydney"}).body.decode()
    assert document({"format": name, "tz": "UTC"}) == document({"format": name})


@pytest.mark.parametrize("name", ["json", "jsonl", "vtt", "srt"])
def test_what_programs_read_has_the_same_times_in_every_zone(name: str) -> None:
    assert document({"format": name, "tz": "Australia/Sydney"}) == document({"format": name})


@pytest.mark.parametrize("name", ["json", "jsonl", "text", "markdown", "vtt", "srt", "csv"])
def test_csv_alone_has_a_byte_order_mark_where_it_is_wanted(name: str) -> None:
    plain = document({"format": name, "bom": "false"})
    marked = document({"format": name, "bom": "true"})
    assert plain == document({"format": name})
    if name == "csv":
        assert marked.body == b"\xef\xbb\xbf" + plain.body
        assert marked.tag != plain.tag
    else:
        assert marked == plain


def test_a_version_is_the_contents_own() -> None:
    one = document({}).tag
    assert one == document({}).tag
    others = ({"q": "hello"}, {"format": "vtt"})
    tags = {document(params).tag for params in others} | {document({}, caller_name="Ann").tag}
    assert len(tags | {one}) == 4
    assert one[0] == one[-1] == '"'
