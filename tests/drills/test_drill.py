"""One short drill on a real stack."""

from pathlib import Path

from drills import drill
from drills.plan import Drill, Part


async def test_web_pubsub_is_killed_for_five_seconds_while_people_talk(tmp_path: Path) -> None:
    """What is said meanwhile is in a gap, the rest stored; a drill that holds leaves nothing."""
    steps: list[str] = []

    result = await drill.run(Drill((Part.WEB_PUBSUB,), 5), 2, steps.append, tmp_path)

    assert result.broken == []
    assert result.account.in_gaps > 0
    assert result.account.stored > 0
    assert "out for 5 s" in steps
    assert not tmp_path.joinpath("web-pubsub-5").exists()
