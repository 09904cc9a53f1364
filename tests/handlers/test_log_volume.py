"""What requests leave in the log, with the levels of `host.json`: little, and our own lines whole.

Side by side with the real host and these levels: a frame 64 bytes, all of them a line of ours, a
refused request none (before: 402, 348, and 2,050 where it had a bearer token).
"""

import pytest

from tests.handlers.surface import Surface
from tests.handlers.wire import Call, callback, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_frame_leaves_no_line_of_the_hosts(app: Surface, call: Call) -> None:
    await app.upstream(call.id, frame())
    before = app.log_lines()
    await app.upstream(call.id, frame())
    written = app.log_lines()[len(before) :]
    assert not any("stream_events" in line for line in written), written


async def test_a_quiet_functions_own_lines_are_there_at_the_level_information(
    app: Surface,
) -> None:
    """Alerts are built on them; a level for the function alone would silence them as well."""
    call = await app.ring()
    await app.call_back(call.id, [callback(call, "CallConnected")])
    await app.upstream(call.id, b"{}", kind="sys.disconnected")
    assert app.logged("callback", callId=call.id, type="CallConnected")
    assert app.logged("streamClosed", callId=call.id)
    assert not any("Functions.call_events" in line for line in app.log_lines())


async def test_other_functions_are_told_of_in_two_lines(app: Surface, call: Call) -> None:
    await app.api(f"/api/calls/{call.id}")
    lines = "\n".join(app.log_lines())
    assert "Executing 'Functions.show_call' (Reason=" in lines
    assert "Executed 'Functions.show_call' (Succeeded, Id=" in lines


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}])
async def test_who_is_refused_by_the_host_leaves_nothing(
    app: Surface, headers: dict[str, str]
) -> None:
    before = sum("show_call" in line for line in app.log_lines())
    answer = await app.request("GET", "/api/calls/x", headers=headers)
    assert answer.status == 401
    assert sum("show_call" in line for line in app.log_lines()) == before
