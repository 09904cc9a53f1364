"""A call of which everything is known."""

from callscribe.calls.call import Call, Direction, Reason, Report, State, Transcription
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds
from tests.fakes.clock import START

FULL = Call(
    id=new_call_id(START, "event"),
    direction=Direction.OUTBOUND,
    state=State.FAILED,
    caller="4:+14255550123",
    callee="8:acs:resource_user",
    rang_at=START,
    transcription=Transcription.FAILED,
    transcription_at=Ms(START + 1),
    transcription_attempts=5,
    caller_name="Ann O'Neill \U0001f600",
    locale="de-DE",
    connection_id="connection",
    server_call_id="server",
    correlation_id="correlation",
    answered_at=Ms(START + 2),
    connected_at=Ms(START + 3),
    ended_at=Ms(START + 4),
    finished_at=Ms(START + 5),
    reason=Reason("why", 500, 8578, "do this"),
    lease_id="lease",
    lease_until=Ms(START + 6),
    drives=2,
    report=Report(8, 1, 3, 2, 2, 1, 7, Seconds(1.0)),
)
