"""The transcription of a call: when it starts and stops, what changes it, and why it fails."""

import pytest
from azure.core.exceptions import ResourceNotFoundError

from .peers import ACS_USER, TEXTS, Json, until
from .stacks import Stack, stack, started_later


def result(event: Json) -> tuple[int, int, str]:
    """Return the codes and the details of a failure."""
    information = event["data"]["resultInformation"]
    update = event["data"]["transcriptionUpdate"]
    assert update["transcriptionStatus"] == "transcriptionFailed"
    details = update["transcriptionStatusDetails"]
    return information["code"], information["subCode"], details


async def test_it_can_be_started_stopped_and_started_again(acs: Stack) -> None:
    call = await started_later(acs)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    for number in range(2):
        await connection.start_transcription(locale="de-DE", operation_context=f"start {number}")
        started = await acs.peer.callback("TranscriptionStarted", number)
        assert started["data"]["operationContext"] == f"start {number}"
        socket = await acs.peer.socket(number)
        assert socket.metadata["locale"] == "de-DE"
        await connection.stop_transcription(operation_context=f"stop {number}")
        stopped = await acs.peer.callback("TranscriptionStopped", number)
        assert stopped["data"]["operationContext"] == f"stop {number}"
        await until(lambda: socket.ws.closed)  # noqa: B023 - called before the next round
        assert socket.ws.close_code == 1000
    first, second = acs.peer.sockets
    assert first.metadata["subscriptionId"] != second.metadata["subscriptionId"]


async def test_starting_again_may_succeed_and_opens_no_second_stream(acs: Stack) -> None:
    call = await acs.talk(stay=True, secondStart="started")
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.start_transcription(operation_context="again")
    again = await acs.peer.callback("TranscriptionStarted", 1)
    assert again["data"]["operationContext"] == "again"
    assert len(acs.peer.sockets) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_the_locale_can_be_changed(acs: Stack, *, announced: bool) -> None:
    call = await acs.talk(stay=True, metadataAfterUpdate=announced)
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.update_transcription(locale="fr-FR")
    event = await acs.peer.callback("TranscriptionUpdated")
    details = event["data"]["transcriptionUpdate"]["transcriptionStatusDetails"]
    assert details == "transcriptionLocaleUpdated"
    await acs.see(call, lambda shown: len(shown["finals"]) == len(TEXTS))
    locales = [
        frame["transcriptionMetadata"]["locale"]
        for frame in (await acs.peer.socket()).parsed
        if frame["kind"] == "TranscriptionMetadata"
    ]
    assert locales == (["en-US", "fr-FR"] if announced else ["en-US"])
    assert (await acs.subscription(call)).locale == "fr-FR"


async def test_it_cannot_start_before_the_call_is_connected(acs: Stack) -> None:
    await acs.fault(on="CallConnected", result={"code": 0, "subCode": 0}, delay=600)
    answered = await acs.answer(await acs.ring())
    await acs.sdk.get_call_connection(answered.call_connection_id).start_transcription()
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (400, 8501)


async def test_nor_without_a_transport_url(acs: Stack) -> None:
    call = await acs.talk({"transcription": None}, stay=True)
    await acs.sdk.get_call_connection(call["callConnectionId"]).start_transcription(locale="en-US")
    failed = result(await acs.peer.callback("TranscriptionFailed"))
    assert failed == (405, 8522, "streamUrlMissing")


async def test_nor_without_cognitive_services(acs: Stack) -> None:
    await acs.talk({"cognitive_services_endpoint": None}, stay=True)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (405, 8522)


async def test_nor_with_a_locale_that_has_no_region(acs: Stack) -> None:
    await acs.talk({"transcription": acs.transcription(locale="en-US-NancyNeural")}, stay=True)
    failed = result(await acs.peer.callback("TranscriptionFailed"))
    assert failed == (400, 8523, "badRequest")


@pytest.mark.parametrize("url", ["https://app.localhost/", "ws://", "stream"])
async def test_nor_with_an_address_that_is_no_websocket(acs: Stack, url: str) -> None:
    await acs.talk({"transcription": acs.transcription(transport_url=url)}, stay=True)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (400, 8581)


async def test_nor_where_nobody_listens(acs: Stack) -> None:
    options = acs.transcription(transport_url="ws://127.0.0.1:1/")
    await acs.talk({"transcription": options}, stay=True)
    failed = result(await acs.peer.callback("TranscriptionFailed"))
    assert failed == (500, 8578, "streamConnectionUnsuccessful")


async def test_a_refused_upgrade_fails_and_the_app_may_start_again(acs: Stack) -> None:
    acs.peer.upgrade_statuses = [401]
    call = await acs.talk(stay=True)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (500, 8578)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    assert (await acs.subscription(call)).state == "inactive"
    await connection.start_transcription()
    await acs.peer.callback("TranscriptionStarted")


async def test_an_upgrade_that_hangs_fails() -> None:
    async with stack(dial_timeout=0.05) as acs:
        await acs.subscribe()
        acs.peer.upgrading.clear()
        await acs.talk(stay=True)
        assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (500, 8578)


async def test_what_is_not_under_way_cannot_be_updated(acs: Stack) -> None:
    call = await started_later(acs)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.update_transcription(locale="fr-FR")
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (400, 8501)


async def test_a_call_that_has_ended_is_not_found(acs: Stack) -> None:
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    with pytest.raises(ResourceNotFoundError):
        await connection.start_transcription()


async def test_the_known_issue_of_calls_from_acs_users(acs: Stack) -> None:
    """Starting at setup fails, starting later works."""
    options: Json = {"from": ACS_USER, "stay": True}
    call = await acs.talk(**options)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (405, 8520)
    await acs.sdk.get_call_connection(call["callConnectionId"]).start_transcription()
    await acs.peer.callback("TranscriptionStarted")
