"""Reads the project's documents: their code, their tables, their links and headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language and its lines."""

    language: str
    code: str


def blocks(document: Path) -> list[Block]:
    """Return the document's fenced blocks in order."""
    return [Block(*found) for found in _FENCE.findall(document.read_text("utf-8"))]


def shell_lines() -> Iterator[str]:
    """Yield the lines of all documents' shell blocks, and all code within their sentences."""
    for document in DOCUMENTS:
        for block in blocks(document):
            if block.language == "sh":
                yield from block.code.splitlines()
        yield from _CODE.findall(prose(document))


def prose(document: Path) -> str:
    """Return the document without its fenced blocks."""
    return _FENCE.sub("", document.read_text("utf-8"))


def links(document: Path) -> list[str]:
    """Return where the document's links lead."""
    return _LINK.findall(_CODE.sub("", prose(document)))


def anchors(document: Path) -> set[str]:
    """Return the names by which GitHub links to the document's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def section(document: Path, heading: str) -> str:
    """Return what stands under a heading, down to the next one of any level."""
    parts = re.split(r"^#+ (.+)$", prose(document), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


def table(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their heads."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    rules = [number for number, row in enumerate(cells) if set("".join(row)) <= set("-: ")]
    heads = {number for rule in rules for number in (rule - 1, rule)}
    return [row for number, row in enumerate(cells) if number not in heads]


def code_in(text: str) -> list[str]:
    """Return what is marked as code."""
    return _CODE.findall(text)
