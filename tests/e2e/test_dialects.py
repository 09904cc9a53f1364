"""Every documented form of a frame, in both scales of offsets: all of it is stored."""

import itertools
from typing import Any

import pytest
import pytest_asyncio

from emulator.acs import dialogues
from tests.e2e.evidence import Json
from tests.e2e.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFT_OUT: list[list[str]] = [
    [],
    ["duration"],
    ["words"],
    ["confidence"],
    ["participantRawID"],
    ["duration", "words", "confidence", "participantRawID"],
]
SCALES = [("stream", "short"), ("clock", "right-to-left")]
DIALECTS = [(left_out, *scale) for left_out, scale in itertools.product(LEFT_OUT, SCALES)]
COLUMNS = {
    "duration": ("DurationMs", "EndTime"),
    "words": ("Words",),
    "confidence": ("Confidence",),
    "participantRawID": ("SpeakerId",),
}


def _name(dialect: tuple[list[str], str, str]) -> str:
    left_out, offsets, script = dialect
    return f"without {'+'.join(left_out) or 'nothing'}, {offsets}, {script}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rings(world: World) -> dict[str, str]:
    """Play one call of each dialect side by side."""
    found = {
        _name((left_out, offsets, script)): await world.ring(
            script=script, offsets=offsets, leaveOut=left_out
        )
        for left_out, offsets, script in DIALECTS
    }
    await world.check_all(found.values())
    return found


@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
async def test_a_dialect(
    world: World, rings: dict[str, str], dialect: tuple[list[str], str, str]
) -> None:
    """Every word is stored as it was sent; what the frames lack is not made up, and named."""
    left_out, offsets, script = dialect
    ring = rings[_name(dialect)]

    rows = await world.rows(ring, "s")

    assert [row["Text"] for row in rows] == [line.text for line in dialogues.load(script).lines]
    for row in rows:
        assert set(row.get("Repaired", "").split(",")) - {""} == set(left_out)
        for field, columns in COLUMNS.items():
            assert all((column in row) != (field in left_out) for column in columns)
        assert (_offset(row) >= 10**17) == (offsets == "clock")
    starts = [row["StartTime"] for row in rows]
    assert starts == sorted(starts)


def _offset(row: Json) -> int:
    value: Any = row["WireOffset"]
    return int(value.value)
