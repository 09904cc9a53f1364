"""A call of which everything is known."""

from callscribe.calls.call import (
    Call,
    Consent,
    Direction,
    EndedBy,
    HangUp,
    Line,
    Machine,
    Own,
    Pause,
    Report,
    State,
)
from callscribe.calls.results import Reason
from callscribe.calls.transcription import Transcribing
from callscribe.calls.wish import Language, Why, Wish
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds
from tests.fakes.clock import START

FULL = Call(
    id=new_call_id(START, "event"),
    direction=Direction.OUTBOUND,
    state=State.CONNECTED,
    caller="4:+14255550123",
    callee="8:acs:resource_user",
    begun_at=START,
    wish=Wish(
        on=True,
        language=Language("de-DE", "model"),
        at=Ms(START + 1),
        revision=3,
        why=Why.PAUSED,
        by="key",
    ),
    machine=Machine(
        line=Line(
            asked=Ms(START + 10),
            tries=2,
            next_at=Ms(START + 11),
            unknown_at=Ms(START + 12),
            stream_closed=True,
            left_at=Ms(START + 13),
            roster=4,
        ),
        transcribing=Transcribing(
            number=7,
            floor=2,
            tries=3,
            next_at=Ms(START + 13),
            look_at=Ms(START + 14),
            blocked=3,
            good=Language("en-GB"),
            fallback=True,
            reason=Reason("no such locale", 400, 8565, "mend it"),
        ),
        pause=Pause(Ms(START + 15), Seconds(30)),
        own=Own(Seconds(60), Seconds(30), Ms(START + 16), Ms(START + 17)),
    ),
    caller_name="Ann O'Neill \U0001f600",
    connection_id="connection",
    server_call_id="server",
    correlation_id="correlation",
    locator="roomId:99410012345678901",
    answered_at=Ms(START + 2),
    connected_at=Ms(START + 3),
    ended_at=Ms(START + 4),
    ended_by=EndedBy.HANGUP,
    closed_at=Ms(START + 8),
    finished_at=Ms(START + 5),
    reason=Reason("why", 500, 8578, "do this"),
    hang_up=HangUp.EVERYONE,
    consent=Consent.GIVEN,
    consent_at=Ms(START + 7),
    consent_by="4:+14255550123",
    consent_what="https://example.com/prompt.wav",
    people_now=2,
    labels=("order-4711", "vip"),
    deployment="0123456789abcdef",
    route="{}",
    tickets="[]",
    request_key="request",
    lease_id="lease",
    lease_until=Ms(START + 6),
    drives=2,
    report=Report(8, 1, 3, 2, 2, 1, 7, Seconds(1.0), Seconds(2.0)),
)
