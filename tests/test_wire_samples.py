"""Every sample's origin stands in the README of its folder."""

import re

import pytest

from tests.wire_samples import FOLDER

README = (FOLDER / "README.md").read_text()
KINDS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def test_every_kind_of_sample_has_its_chapter() -> None:
    assert sorted(re.findall(r"^## (.+)$", README, re.MULTILINE)) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_is_listed_once_with_its_origin(kind: str) -> None:
    chapter = README.partition(f"## {kind}\n")[2].partition("\n## ")[0]
    listed = re.findall(r"`([a-z0-9-]+\.(?:json|bin))`", chapter)
    assert sorted(listed) == sorted(path.name for path in (FOLDER / kind).iterdir())
