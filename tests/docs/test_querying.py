"""docs/querying.md is true: its examples print what it says, and every column is in it."""

import io
import itertools
import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from enum import StrEnum

import pytest
from azure.data.tables import EntityProperty, TableServiceClient

from callscribe.calls.call import Machine
from callscribe.calls.call_columns import CALL_COLUMNS
from callscribe.calls.transcription import Running, Transcribing
from callscribe.calls.wish import Language
from callscribe.foundation.moments import Seconds
from callscribe.storage.active import active_columns
from tests.calls.full import FULL
from tests.docs.conftest import PREFIX, TABLES
from tests.docs.markdown import ROOT, Block, blocks, code_in, section, table
from tests.fakes.clock import START

QUERYING = ROOT / "docs" / "querying.md"
README = ROOT / "README.md"
TYPES = {str: "String", int: "Int32", bool: "Boolean", float: "Double", bytes: "Binary"}
# By the kind of a call's column; all others, enums, are text.
KINDS_OF_COLUMNS: dict[object, str] = {int: "Int32", Seconds: "Double", bool: "Boolean"}
NOTHING = Block("", "")
KINDS = {
    "s": "segments",
    "q": "quarantine",
    "c": "connections",
    "e": "events",
    "g": "gaps",
    "p": "people",
    "w": "wishes",
}
# Of these no example has all columns: others hold what they are to those that are declared.
DECLARED = ("Calls", "ActiveCalls")
# Promised, and in no example: a custom model's, and what nothing writes yet.
NOT_YET = {
    "Transcripts: connections": {"LetInAt"},
    "Transcripts: events": {"By"},
    "Transcripts: people": {"AddedBy"},
    "Transcripts: wishes": {"Model"},
}
TITLES = ["Calls", *(f"Transcripts: {kind}" for kind in KINDS.values()), *TABLES[1:3]]
SHELL = [
    line for block in blocks(QUERYING) if block.language == "sh" for line in block.code.splitlines()
]

type Run = Callable[[Block], str]


@pytest.fixture
def tables(rows: str) -> Iterator[TableServiceClient]:
    with TableServiceClient.from_connection_string(rows) as service:
        yield service


@pytest.fixture
def run(rows: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return what runs a document's Python blocks in order, in one namespace."""
    namespace: dict[str, object] = {}
    monkeypatch.setenv("TranscriptStorage", rows)

    def run_block(block: Block) -> str:
        with redirect_stdout(io.StringIO()) as printed:
            exec(_on_documented_tables(block.code), namespace)  # noqa: S102 - our own document
        return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())

    yield run_block
    service = namespace["tables"]
    assert isinstance(service, TableServiceClient)
    service.close()


def test_every_python_block_prints_what_is_shown_below_it(run: Run) -> None:
    found = [*blocks(QUERYING), NOTHING]
    for block, below in itertools.pairwise(found):
        if block.language == "python":
            assert run(block) == (below.code if below.language == "text" else "")


def test_the_ten_lines_of_the_readme_print_the_words_of_the_newest_call(run: Run) -> None:
    (block,) = [block for block in blocks(README) if block.language == "python"]
    assert len(block.code.splitlines()) <= 10
    assert run(block).splitlines() == [
        "09:26:56 4:+18005550199 Harbour Books, good morning.",
        "09:26:59 4:+14255550123 Only one of my two books arrived.",
        "09:27:08 4:+18005550199 The other one comes tomorrow.",
    ]


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("az storage entity")])
def test_every_filter_for_the_azure_cli_finds_rows(line: str, tables: TableServiceClient) -> None:
    words = shlex.split(line)
    options = dict(itertools.pairwise(words))
    found = _found(tables, options["--table-name"], options["--filter"])
    assert found
    if "--select" in words:
        selected = words[words.index("--select") + 1 :]
        columns = [word for word in selected if not word.startswith("-") and word.isalpha()]
        known = set().union(*found)
        assert known >= {name for name in columns if name not in ("table", "tsv")}


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("curl")])
def test_every_filter_for_curl_finds_rows(line: str, tables: TableServiceClient) -> None:
    (name,) = re.findall(r"/(\w+)\(\)", line)
    options = dict(re.findall(r'"\\\$(\w+)=([^"]*)"', line))
    found = _found(tables, name, options["filter"])
    assert found
    assert set(found[0]) >= set(options.get("select", "").split(",")) - {""}


@pytest.mark.parametrize("title", TITLES)
def test_every_column_is_documented_with_its_type(title: str, tables: TableServiceClient) -> None:
    written = _written(tables)[title]
    documented = {
        code_in(name)[0]: set(types.split(", ")) for name, types, _ in _columns_table(title)
    }
    if title in DECLARED:
        assert written.keys() <= documented.keys()
    else:
        assert written.keys() | NOT_YET.get(title, set()) == documented.keys()
    for name, types in written.items():
        assert types <= documented[name], name


def test_no_column_of_a_call_is_left_out_because_no_example_has_it() -> None:
    documented = {code_in(row[0])[0]: row for row in _columns_table("Calls")}
    declared = {column.name: column.kind for column in CALL_COLUMNS}
    assert documented.keys() == declared.keys() | {"WriteId"}
    for name, kind in declared.items():
        _, documented_type, meaning = documented[name]
        assert documented_type == KINDS_OF_COLUMNS.get(kind, "String"), name
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            assert {member.value for member in kind} <= set(code_in(meaning)), name


def test_no_column_of_an_active_call_is_left_out_because_no_example_has_it() -> None:
    running = Transcribing(runs=Running(Language("de-DE"), START, by=1))
    call = replace(FULL, machine=Machine(transcribing=running))
    documented = {code_in(row[0])[0]: row[1] for row in _columns_table("ActiveCalls")}
    declared = active_columns(call, START, START)
    assert documented == {name: TYPES[type(value)] for name, value in declared.items()}


def test_every_kind_of_row_in_a_transcript_is_documented(tables: TableServiceClient) -> None:
    documented = {code_in(row[0])[0][0] for row in table(section(QUERYING, "The tables"))[7:]}
    found = {str(row["RowKey"])[0] for row in _found(tables, "Transcripts", "PartitionKey ne ''")}
    assert documented == found == KINDS.keys()


def _columns_table(title: str) -> list[list[str]]:
    return table(section(QUERYING, title))


def _on_documented_tables(code: str) -> str:
    return re.sub(rf'"({"|".join(TABLES)})"', rf'"{PREFIX}\1"', code)


def _found(tables: TableServiceClient, name: str, where: str) -> list[dict[str, object]]:
    client = tables.get_table_client(PREFIX + name)
    return [dict(row) for row in client.query_entities(where)]


def _written(tables: TableServiceClient) -> dict[str, dict[str, set[str]]]:
    """Return what the story wrote: the columns and their types by table and kind of row."""
    written: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name in TABLES:
        for row in _found(tables, name, "PartitionKey ne ''"):
            kind = KINDS[str(row["RowKey"])[0]] if name == "Transcripts" else ""
            for column, value in row.items():
                if column not in ("PartitionKey", "RowKey"):
                    title = f"{name}: {kind}" if kind else name
                    written[title][re.sub(r"_\d+$", "", column)].add(_type(value))
    return written


def _type(value: object) -> str:
    return "Int64" if isinstance(value, EntityProperty) else TYPES[type(value)]
