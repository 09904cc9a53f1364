"""The phones of those whom the app calls: each rings, and is answered or not.

Which codes tell of a call that is not answered is documented in a list that names no event; these
are the ones that fit, the number first and the sub code second.
https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
"""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

from emulator.acs.results import Result

DECLINED = Result(603, 8538, "The call was declined.")
BUSY = Result(486, 8540, "The one called is busy.")
NO_ANSWER = Result(408, 8541, "The call was not answered.")
UNREACHABLE = Result(480, 8544, "The one called cannot be reached.")

type Outcome = Literal["answer", "decline", "busy", "noAnswer", "unreachable", "byHand"]

_RESULTS: dict[str, Result] = {
    "decline": DECLINED,
    "busy": BUSY,
    "noAnswer": NO_ANSWER,
    "unreachable": UNREACHABLE,
}


class Phone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody does whose phone rings, `after` so many seconds.

    `noAnswer` rings until the service gives up; `byHand` until the control API says what is done.
    `result` is reported in place of the usual one.
    """

    do: Outcome = "answer"
    after: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0
    result: Result | None = None


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done with a ringing phone now; without a `phone`, with the first that rings."""

    do: Literal["answer", "decline", "busy", "noAnswer", "unreachable"] = "answer"
    phone: str | None = None


@dataclass(slots=True)
class Ringing:
    """One phone that rings; `outcome` is set when somebody acts by hand.

    `refusal` is why it was not answered, once that is known.
    """

    raw_id: str
    phone: Phone
    outcome: asyncio.Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    refusal: Result | None = None

    def act(self, do: Outcome) -> None:
        """Do with it what somebody does by hand."""
        if not self.outcome.done():
            self.outcome.set_result(do)

    async def until_answered(self, ring_seconds: float) -> bool:
        """Ring until it is answered, or it is known that it is not; tell which."""
        by_hand = self.phone.do == "byHand"
        never = by_hand or self.phone.do == "noAnswer"
        pause = ring_seconds if never else min(self.phone.after, ring_seconds)
        done: Outcome = "noAnswer" if never else self.phone.do
        try:
            async with asyncio.timeout(pause):
                done = await asyncio.shield(self.outcome)
        except TimeoutError:
            pass
        if done != "answer":
            self.refusal = self.phone.result or _RESULTS[done]
        return done == "answer"
