"""What answers mean, where no service of ours can give them."""

from scripts.probe.dial import Answer
from scripts.probe.doors import Dialled, Door, Seen, Trial, Verdict, advice, open_trial

IN, OUT, BROKEN = Answer(opened=True, said="101"), Answer(opened=False, said="401"), "500"


def test_a_query_that_does_not_arrive_is_told() -> None:
    """The ticket is refused with and without the header, so the header is not to blame."""
    seen = Dialled(OUT, Seen(query=False, header=False))
    trials = [
        Trial(Door.TOKEN, None, Dialled(IN), Dialled(OUT)),
        Trial(Door.TICKET, None, seen, seen),
    ]

    assert [trial.verdict for trial in trials] == [Verdict.SHUT, Verdict.UNKNOWN]
    assert "The query does not reach the connect event: tickets cannot work." in advice(trials)


def test_another_answer_with_the_header_is_the_headers_doing() -> None:
    """Also where the door does not open without it: an event handler that is out, perhaps."""
    broken = Answer(opened=False, said=BROKEN)
    shut = Trial(Door.TICKET, None, Dialled(broken), Dialled(OUT))
    unknown = Trial(Door.TICKET, None, Dialled(broken), Dialled(broken))

    assert (shut.verdict, unknown.verdict) == (Verdict.SHUT, Verdict.UNKNOWN)


def test_a_door_without_a_front_is_chosen_before_one_with() -> None:
    """Even the ticket's before the token's."""
    behind = Trial(Door.TOKEN, "front.example", Dialled(IN), Dialled(IN))
    ticket = Trial(Door.TICKET, None, Dialled(IN), Dialled(IN))

    assert open_trial([behind, ticket]) is ticket
    assert open_trial([behind]) is behind
