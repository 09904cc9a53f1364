"""Links between the documents lead somewhere, and nothing in them is of one machine alone."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import DOCUMENTS, ROOT, anchors, links

ELSEWHERE = ("https://", "http://", "mailto:")
MACHINES = re.compile(r"/(home|Users|tmp|work)/|[A-Z]:\\")


def names(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    for link in links(document):
        if link.startswith(ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_links_to_elsewhere_are_encrypted(document: Path) -> None:
    assert not [link for link in links(document) if link.startswith("http://")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_no_path_is_one_of_a_single_machine(document: Path) -> None:
    assert not MACHINES.search(document.read_text("utf-8"))


def test_every_document_is_reached_from_the_readme() -> None:
    readme = ROOT / "README.md"
    reached = {(ROOT / link).resolve() for link in links(readme) if not link.startswith(ELSEWHERE)}
    assert reached >= set(DOCUMENTS) - {readme}
