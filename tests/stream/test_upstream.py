import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.bounds import LONGEST_ID
from callscribe.foundation.errors import BadInputError, NotFoundError
from callscribe.foundation.identifiers import lost_stream_id, new_call_id
from callscribe.foundation.moments import Ms
from callscribe.stream.state import StreamState, encode, opened, restore
from callscribe.stream.upstream import (
    Kind,
    UpstreamEvent,
    happened_at,
    is_connect,
    parse_upstream,
)

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))

NOW = Ms(1_795_373_643_999)
CALL = new_call_id(NOW, "call")
STATE = opened(NOW, "connection", written=True)
HEADERS = {
    "ce-specversion": "1.0",
    "ce-type": "azure.webpubsub.user.message",
    "ce-id": "7",
    "ce-time": "2026-11-22T18:54:01Z",
    "ce-userid": CALL,
    "ce-connectionid": "0f8e2c5d",
    "ce-connectionstate": encode(STATE),
}


def event(body: bytes = b"{}", **changes: str) -> UpstreamEvent:
    headers = HEADERS | {f"ce-{name}": value for name, value in changes.items()}
    return parse_upstream(headers, body, NOW)


@pytest.mark.parametrize(
    ("clock", "moment"), [(641_250, 641_250), (700_000, 641_999), (600_000, 641_000)]
)
def test_our_clock_tells_only_when_within_its_second_an_event_happened(
    clock: int, moment: int
) -> None:
    base = 1_795_373_000_000
    assert happened_at(event(), Ms(base + clock)) == base + moment


def test_a_message_as_web_pubsub_sends_it() -> None:
    assert event(b"frame") == UpstreamEvent(
        kind=Kind.MESSAGE,
        call_id=CALL,
        connection_id="0f8e2c5d",
        number=7,
        sequence="0000000007",
        at=Ms(1_795_373_641_000),
        state=STATE,
        body=b"frame",
    )


@pytest.mark.parametrize(
    ("ce_type", "kind"),
    [
        ("azure.webpubsub.sys.connect", Kind.CONNECT),
        ("azure.webpubsub.sys.connected", Kind.CONNECTED),
        ("azure.webpubsub.sys.disconnected", Kind.DISCONNECTED),
        ("azure.webpubsub.user.message", Kind.MESSAGE),
        ("azure.webpubsub.user.anything", Kind.MESSAGE),
    ],
)
def test_the_kinds_of_events(ce_type: str, kind: Kind) -> None:
    assert event(type=ce_type).kind is kind


@pytest.mark.parametrize(
    "ce_type",
    ["", "connect", "azure.webpubsub.sys.", "azure.webpubsub.sys.message", "azure.webpubsub.sys.x"],
)
def test_a_type_that_web_pubsub_does_not_send_is_bad_input(ce_type: str) -> None:
    with pytest.raises(BadInputError, match="ce-type"):
        event(type=ce_type)


@pytest.mark.parametrize("user", ["", "someone", "../x", CALL.lower(), f"{CALL},{CALL[::-1]}"])
def test_what_names_no_call_is_not_found(user: str) -> None:
    with pytest.raises(NotFoundError):
        event(userid=user)


@pytest.mark.parametrize("time", ["", "soon", "2026-11-22T18:54:01Z,2026-11-22T18:54:02Z"])
def test_without_a_usable_time_it_is_the_second_of_receipt(time: str) -> None:
    assert event(time=time).at == Ms(1_795_373_643_000)


def test_a_time_is_taken_by_its_second() -> None:
    assert event(time="2026-11-22T18:54:01.999Z").at == Ms(1_795_373_641_000)


def test_without_a_usable_id_the_body_stands_for_the_event() -> None:
    one, again, other = event(b"one", id=""), event(b"one", id="x"), event(b"two", id="1,2")
    assert one.number is again.number is other.number is None
    assert one.sequence == again.sequence != other.sequence


def test_a_connection_whose_id_is_too_long_is_told_from_others() -> None:
    one, other = event(connectionid="a" * 40_000), event(connectionid="a" * 40_001)
    assert len(one.connection_id) <= LONGEST_ID
    assert one.connection_id != other.connection_id


def test_headers_that_are_missing_leave_the_frame_readable() -> None:
    bare = {"ce-type": "azure.webpubsub.user.message", "ce-userid": CALL}
    found = parse_upstream(bare, b"frame", NOW)
    assert (found.connection_id, found.number) == ("", None)
    assert found.state == restore("", "")


@pytest.mark.parametrize("state", ["", "not ours"])
def test_a_state_that_is_lost_starts_anew_with_its_connection(state: str) -> None:
    found = event(connectionstate=state).state
    assert found == StreamState(stream_id=lost_stream_id("0f8e2c5d"))


@given(st.sampled_from(sorted(HEADERS)), ANY_TEXT)
def test_no_header_but_the_type_and_the_user_can_refuse_a_frame(name: str, value: str) -> None:
    if name in {"ce-type", "ce-userid"}:
        return
    found = parse_upstream(HEADERS | {name: value}, b"frame", NOW)
    found.connection_id.encode()
    assert restore(encode(found.state), "") == found.state
    assert len(found.sequence) == 10


@pytest.mark.parametrize(
    ("ce_type", "asks"),
    [
        ("azure.webpubsub.sys.connect", True),
        ("azure.webpubsub.sys.connect,azure.webpubsub.sys.connect", True),
        ("azure.webpubsub.sys.connected", False),
        ("azure.webpubsub.user.connect", False),
        ("", False),
    ],
)
def test_only_connect_asks_whether_a_connection_is_let_in(ce_type: str, *, asks: bool) -> None:
    assert is_connect({"ce-type": ce_type}) is asks
    assert not is_connect({})
