"""Calls that the app places, joins, or only observes: whole ones, through real sockets."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from aiohttp import web
from azure.communication.callautomation import (
    PhoneNumberIdentifier,
    StreamingTransportType,
    TranscriptionOptions,
)
from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.credentials import AzureKeyCredential

from callscribe.foundation.identifiers import person_key
from tests.e2e.evidence import Json
from tests.e2e.world import World, eventually
from tests.emulator.acs.peers import serving
from tests.emulator.acs.stacks import first_sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUID = "01234567-89ab-cdef-0123-456789abcdef"
NUMBER, CALLER_ID = "+14255550123", "+18005550199"
USER, TEAMS_USER, TEAMS_APP = "8:acs:emulator_eve", f"8:orgid:{GUID}", f"28:orgid:{GUID}"
SECOND, THIRD = "8:acs:emulator_two", "8:acs:emulator_three"
SAID = ["Hello, who is there?", "I am listening.", "So am I.", "Goodbye."]
DIALOGUE: Json = {
    "participants": [{}, {}],
    "lines": [
        {"speaker": 1, "at": 0.2, "text": SAID[0]},
        {"speaker": 1, "at": 4.2, "text": SAID[3]},
    ],
}
OF_A_GROUP: Json = {
    "participants": [{}, {}, {"rawId": SECOND}, {"rawId": THIRD}],
    "lines": [
        {"speaker": 1, "at": 0.2, "text": SAID[0]},
        {"speaker": 2, "at": 2.2, "text": SAID[1]},
        {"speaker": 3, "at": 4.2, "text": SAID[2]},
        {"speaker": 1, "at": 6.2, "text": SAID[3]},
    ],
}
DECLINING, BUSY, ABSENT = "+14255550161", "+14255550162", "+14255550163"
PHONES: Json = {
    DECLINING: {"does": "declines", "after": 0.2},
    BUSY: {"does": "busy"},
    ABSENT: {"does": "unreachable"},
}
RINGING = "+14255550171"
CONVERSATIONS: dict[str, str] = {
    "roomId": "99410012345678901",
    "groupCallId": GUID,
    "serverCallId": "aServerCall",
}
# How fast people speak; however slow the machine is, nobody does before the first stream is open.
PACE: Json = {"speed": 8, "waitForStream": 60}
PLACED: dict[str, Json] = {
    "number": {"to": NUMBER},
    "user": {"to": {"id": USER, "name": "Eve", "role": "agent"}},
    "teams user": {"to": TEAMS_USER},
    "teams app": {"to": TEAMS_APP},
    "on behalf": {"to": NUMBER, "onBehalfOf": TEAMS_APP},
    "room": {"join": {"roomId": CONVERSATIONS["roomId"]}},
    "group call": {"join": {"groupCallId": GUID}},
    "server call": {"join": {"serverCallId": CONVERSATIONS["serverCallId"]}},
}
GROUP: Json = {"to": [NUMBER, SECOND, THIRD], "labels": ["group"]}


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Let streams in by ticket, which each dial must bring with it."""
    return {"WEBPUBSUB_STREAM_ADMISSION": "ticket", "CALLER_ID": CALLER_ID}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def outgoing(world: World) -> None:
    """Let those who are called speak as the dialogue says, and then hang up."""
    await world.acs("PUT", "outgoing-calls", PACE | {"script": DIALOGUE})
    for who, phone in {**PHONES, RINGING: {"does": "waits"}}.items():
        await world.acs("PUT", f"phones/{who}", phone)
    for kind, name in CONVERSATIONS.items():
        talk = {kind: name, "people": [NUMBER, SECOND, THIRD], "script": OF_A_GROUP}
        ends = {"waitForApp": True, "whenEmpty": "ends"}
        await world.acs("POST", "conversations", PACE | talk | ends)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def placed(world: World, outgoing: None) -> dict[str, str]:
    """Place and join all calls at once, and wait until they are over; return their ids."""
    _ = outgoing
    await world.acs("PUT", "outgoing-calls", PACE | {"script": OF_A_GROUP})
    group = await world.place(**GROUP)
    await world.acs("PUT", "outgoing-calls", PACE | {"script": DIALOGUE})
    answers = await asyncio.gather(*(world.place(**told) for told in PLACED.values()))
    answers.append(group)
    ids = [answer["callId"] for answer in answers]
    rings = await asyncio.gather(*(world.ring_of(call_id) for call_id in ids))
    await world.check_all(rings)
    return dict(zip([*PLACED, "group"], ids, strict=True))


@pytest.mark.parametrize("which", [*PLACED, "group"])
async def test_a_call_of_each_kind_is_transcribed_whole(
    world: World, placed: dict[str, str], which: str
) -> None:
    ring = await world.ring_of(placed[which])
    row = await world.check(ring)
    joined = "join" in PLACED.get(which, GROUP)
    several = joined or which == "group"
    assert await world.stored(ring) == (SAID if several else [SAID[0], SAID[3]])
    assert (row["State"], row["SuspectedMissing"]) == ("ended", 0)
    assert row["Direction"] == ("joined" if joined else "outbound")
    assert await world.gaps(ring) == []


async def test_who_was_called_has_the_name_and_role_that_were_given(
    world: World, placed: dict[str, str]
) -> None:
    shown = {
        row["RowKey"]: row for row in await world.rows(await world.ring_of(placed["user"]), "p")
    }
    row = shown[person_key(USER)]
    assert (row["Name"], row["Role"], "JoinedAt" in row) == ("Eve", "agent", True)


async def test_a_call_shows_who_asked_for_it_and_its_labels(
    world: World, placed: dict[str, str]
) -> None:
    shown = await world.app("GET", f"/api/calls/{placed['group']}")
    assert shown["labels"] == ["group"]
    listed = await world.app("GET", "/api/calls?label=group")
    assert [each["callId"] for each in listed["calls"]] == [placed["group"]]
    assert [each["by"] for each in shown["timeline"] if each["type"] == "PlaceAsked"] == ["key"]


@pytest.mark.parametrize("number", PHONES)
async def test_a_call_that_nobody_answers_says_so(world: World, number: str) -> None:
    answer = await world.place(to=number)
    shown = await world.stands(answer["callId"], state="unanswered")
    assert shown["reasonCode"] in (603, 486, 480)
    assert shown["reason"]


async def test_one_key_places_one_call_however_often_it_is_sent(world: World) -> None:
    answers = await asyncio.gather(*(world.place("a-key", to=NUMBER) for _ in range(8)))
    (call_id,) = {answer["callId"] for answer in answers}
    ring = await world.ring_of(call_id)
    correlated = {answer.get("correlationId") for answer in answers} - {None}
    assert len(correlated) == 1
    await world.check(ring)


async def test_a_call_is_hung_up_while_it_rings(world: World) -> None:
    answer = await world.place(to=RINGING)
    ring = await world.ring_of(answer["callId"])
    said = await world.control(answer["callId"], "hangup")
    assert said["everyone"] is True
    await world.over(ring)
    shown = await world.stands(answer["callId"], endedBy="hangup")
    assert shown["state"] in ("ended", "unanswered")


@pytest_asyncio.fixture(loop_scope="module")
async def application(world: World) -> AsyncIterator[tuple[CallAutomationClient, str]]:
    """Yield another application's client of ACS, and where it is called back."""

    async def take(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/callbacks", take)
    key = AzureKeyCredential(world.stack.settings["ACS_ACCESS_KEY"])
    url = f"http://localhost:{world.stack.ports.acs}"
    async with serving(app) as own, CallAutomationClient(url, key) as client:
        yield client, f"{own}/callbacks"


async def keep(client: CallAutomationClient, callbacks: str, stream: str) -> None:
    """Place a call as another application does, and have it transcribed to this address."""
    options = TranscriptionOptions(
        transport_url=stream,
        transport_type=StreamingTransportType.WEBSOCKET,
        locale="en-US",
        start_transcription=True,
    )
    await client.create_call(
        PhoneNumberIdentifier(NUMBER),
        callbacks,
        source_caller_id_number=PhoneNumberIdentifier(CALLER_ID),
        cognitive_services_endpoint="https://speech.example/",
        transcription=options,
        headers=first_sent(),
    )


async def test_an_application_keeps_its_calls_and_has_them_transcribed(
    world: World, application: tuple[CallAutomationClient, str]
) -> None:
    """One of them says that it is over; of the other silence tells, and ACS that is asked then."""
    answers = [await world.place(own=True, to=NUMBER, idleSeconds=10) for _ in range(2)]
    for answer in answers:
        assert (answer["state"], answer["transcription"]) == ("connecting", "off")
        await keep(*application, answer["stream"]["url"])
    told, silent = (answer["callId"] for answer in answers)
    rings = [await world.ring_of(call_id) for call_id in (told, silent)]
    for ring in rings:
        await world.over(ring)
    await world.control(told, "end")
    await world.stands(told, state="ended", endedBy="end", direction="own")
    await world.stands(silent, state="ended", endedBy="inferred", direction="own")
    for ring in rings:
        await world.check(ring)
        assert await world.stored(ring) == [SAID[0], SAID[3]]


async def test_transcription_is_started_stopped_and_changed_as_people_ask(world: World) -> None:
    """Each final is stored under its language, once; what was said between is not wanted."""
    ring = await world.ring(script={"participants": [{}, {}], "lines": []}, stay=True)
    call_id = await eventually(lambda: world.call_id(ring))
    await world.streaming(ring)
    await world.say(ring, "In English.")
    await world.heard(ring, "In English.")
    await world.control(call_id, "transcription/stop")
    await world.stands(call_id, transcription="stopped")
    await world.say(ring, "Nobody hears this.")
    await world.was_said(ring, "Nobody hears this.")
    await world.control(call_id, "transcription/start", locale="de-DE")
    await world.streaming(ring, 2)
    await world.say(ring, "Auf Deutsch.")
    await world.heard(ring, "Auf Deutsch.")
    said = await world.control(call_id, "transcription/update", locale="fr-FR")
    assert said["how"] == "update"
    await world.stands(call_id, locale="fr-FR", transcription="active")
    await world.say(ring, "En français.")
    await world.heard(ring, "En français.")
    await world.control(call_id, "transcription/stop")
    await world.stands(call_id, transcription="stopped")
    await world.say(ring, "Nor this.")
    await world.was_said(ring, "Nor this.")
    await world.hang_up(ring)
    row = await world.check(ring)
    spoken = [(each["Text"], each["Locale"]) for each in await world.rows(ring, "s")]
    assert spoken == [
        ("In English.", "en-US"),
        ("Auf Deutsch.", "de-DE"),
        ("En français.", "fr-FR"),
    ]
    assert row["SuspectedMissing"] == 0
    assert {gap["Kind"] for gap in await world.gaps(ring)} == {"notWanted"}
    assert row["SecondsNotWanted"] > 0


async def test_a_pause_ends_by_itself(world: World) -> None:
    ring = await world.ring(script={"participants": [{}, {}], "lines": []}, stay=True)
    call_id = await eventually(lambda: world.call_id(ring))
    await world.streaming(ring)
    await world.control(call_id, "transcription/stop", pause=1)

    async def started_again() -> None:
        assert len(await world.connections(ring)) == 2

    await eventually(started_again)
    await world.streaming(ring, 2)
    await world.say(ring, "After the pause.")
    await world.heard(ring, "After the pause.")
    await world.hang_up(ring)
    await world.check(ring)
