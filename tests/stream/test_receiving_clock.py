"""Offsets as people have reported them: what the transcript of such a call says."""

import json
from dataclasses import replace
from typing import Any

from callscribe.calls.call import State
from callscribe.foundation.moments import TICKS_PER_SECOND, elapsed, parse_iso
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.wire import connected, speech
from tests.fakes.world import CALL_ID, CALLEE, CALLER, LOST, World

DOCUMENTED = 2_516_998_782_481_234_400


class Talk:
    """A call whose stream's metadata came at second 0."""

    def __init__(self, world: World, state: str) -> None:
        self.world = world
        self.state: str | None = state
        self.number = 2

    async def say(
        self, came: float, text: str, offset: float, lasts: float | None, **more: Any
    ) -> None:
        """Have something said arrive at that second."""
        await self.world.passing(came - elapsed(START, self.world.clock.now()))
        absolute = offset == DOCUMENTED
        ticks: dict[str, Any] = {
            "offset": DOCUMENTED if absolute else round(offset * TICKS_PER_SECOND),
            "duration": None if lasts is None else round(lasts * TICKS_PER_SECOND),
        }
        self.number += 1
        frame = speech(text, **ticks, **more)
        event = self.world.upstream(Kind.MESSAGE, self.number, frame, self.state)
        self.state = await self.world.receive(event)

    async def transcript(self) -> list[tuple[float, str]]:
        """End the call, and return when what was said."""
        call = self.world.call
        self.world.calls.put(replace(call, state=State.ENDED, ended_at=self.world.clock.now()))
        assert await self.world.finishing.finish(CALL_ID)
        segments = json.loads((await self.world.reading.transcript(CALL_ID, {})).body)["segments"]
        return [(elapsed(START, parse_iso(each["startTime"])), each["text"]) for each in segments]

    def repaired(self) -> list[object]:
        """Return what the rows say of how they were placed."""
        return [row.get("Repaired") for row in self.world.transcripts.of_kind(CALL_ID, "s")]


async def test_offsets_that_begin_anew_after_a_silence(world: World) -> None:
    talk = Talk(world, await connected(world))
    await talk.say(1, "First.", 0, 0.8)
    await talk.say(2, "Second.", 1, 0.8)
    await talk.say(3, "Third, let me look.", 2.3, 0.6)
    await talk.say(69, "Fourth, found it.", 0, 0.8)
    await talk.say(70, "Fifth.", 1.2, 0.5)
    said = await talk.transcript()
    assert said == [
        (0, "First."),
        (1, "Second."),
        (2.3, "Third, let me look."),
        (68.2, "Fourth, found it."),
        (69.4, "Fifth."),
    ]
    assert talk.repaired() == [None, None, None, "zero", None]


async def test_offsets_that_count_from_when_somebody_joined(world: World) -> None:
    talk = Talk(world, await connected(world))
    callee = {"participantRawID": CALLEE}
    await talk.say(1, "One moment, I get my colleague.", 0, 1)
    await talk.say(22, "What is your order number?", 0.5, 1, **callee)
    await talk.say(24, "Four four seven.", 23, 1)
    await talk.say(26, "Thank you, found it.", 4.6, 1, **callee)
    assert [text for _, text in await talk.transcript()] == [
        "One moment, I get my colleague.",
        "What is your order number?",
        "Four four seven.",
        "Thank you, found it.",
    ]


async def test_offsets_of_words_that_go_on_where_that_of_the_utterance_does_not(
    world: World,
) -> None:
    talk = Talk(world, await connected(world))
    words = [
        {"text": word, "offset": (750 + number * 2) * TICKS_PER_SECOND // 10, "duration": 1_000_000}
        for number, word in enumerate(["This", "is", "it."])
    ]
    await talk.say(76, "This is it.", 3, 0.75, words=words)
    assert await talk.transcript() == [(75, "This is it.")]
    assert talk.repaired() == ["offset"]
    (row,) = world.transcripts.of_kind(CALL_ID, "s")
    assert row["Words"] == '[["This",0,100],["is",200,100],["it.",400,100]]'


async def test_an_absolute_offset_of_another_age(world: World) -> None:
    talk = Talk(world, await connected(world))
    await talk.say(1, "First words.", 0, 0.5)
    await talk.say(2, "Testing transcription.", DOCUMENTED, None)
    assert await talk.transcript() == [(0, "First words."), (2, "Testing transcription.")]
    assert talk.repaired() == [None, "duration,offset"]


async def test_what_is_said_again_at_the_same_offset_is_no_replay(world: World) -> None:
    talk = Talk(world, await connected(world))
    await talk.say(1, "Yes.", 0, 0.8, confidence=0.91)
    await talk.say(69, "Yes.", 0, 0.8, confidence=0.87)
    await talk.say(70, "Yes.", 0, 0.8, confidence=0.91)
    assert [text for _, text in await talk.transcript()] == ["Yes.", "Yes."]
    rows = world.transcripts.of_kind(CALL_ID, "s")
    first = world.transcripts.keys(CALL_ID, "s")[0]
    assert [row.get("DuplicateOf") for row in rows] == [None, None, first]


async def test_what_waited_for_storage_keeps_its_place(world: World) -> None:
    talk = Talk(world, await connected(world))
    await talk.say(1, "First.", 0, 0.5)
    world.transcripts.fail("insert", LOST, times=2, seconds=9)
    await talk.say(3, "Second.", 2, 0.5)
    stored = elapsed(START, world.clock.now())
    assert stored > 2.5 + 16
    await talk.say(stored, "Third.", 2.5, 0.5, participantRawID=CALLER)
    assert await talk.transcript() == [(0, "First."), (2, "Second."), (2.5, "Third.")]
