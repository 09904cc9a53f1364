from dataclasses import replace

import pytest

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.moments import Ms
from callscribe.stream.speakers import speaker_name
from tests.fakes.wishes import OFF

CALLER, CALLEE, OTHER = "4:+14255550111", "8:acs:resource_user", "4:+4930123456"
CALL = Call("id", Direction.INBOUND, State.ENDED, CALLER, CALLEE, Ms(1_795_373_643_000), OFF)


class TestSpeakers:
    @pytest.mark.parametrize(
        ("speaker", "name"),
        [
            (CALLER, "caller"),
            (CALLEE, "callee"),
            (None, "unknown"),
            (OTHER, "+•••3456"),
            ("8:acs:resource_other", "8:acs:resource_other"),
        ],
    )
    def test_are_named_where_they_are_known(self, speaker: str | None, name: str) -> None:
        assert speaker_name(CALL, speaker) == name

    @pytest.mark.parametrize("caller", ["4:+14255550111", "4:14255550111"])
    @pytest.mark.parametrize("speaker", ["4:+14255550111", "4:14255550111"])
    def test_are_one_person_with_and_without_a_plus(self, caller: str, speaker: str) -> None:
        assert speaker_name(replace(CALL, caller=caller), speaker) == "caller"
        assert speaker_name(replace(CALL, callee=caller, caller=OTHER), speaker) == "callee"

    def test_who_shares_a_number_is_somebody_else(self) -> None:
        assert speaker_name(CALL, f"{CALLER}_1") == "+•••0111"

    def test_the_caller_has_a_display_name_unless_it_is_a_number(self) -> None:
        assert speaker_name(replace(CALL, caller_name="John Doe"), CALLER) == "John Doe"
        assert speaker_name(replace(CALL, caller_name="+14255550111"), CALLER) == "+•••0111"
