"""Control a call: each request only changes what is wanted of it, and the machine does the rest."""

from collections.abc import Callable
from dataclasses import dataclass

from callscribe.calls.actions import Actions, Asked
from callscribe.calls.call import Call, Direction, HangUp
from callscribe.calls.control_request import (
    LanguageWish,
    parse_hangup,
    parse_nothing,
    parse_start,
    parse_stop,
    parse_update,
)
from callscribe.calls.effects import Effects
from callscribe.calls.events import End, Event, Leave, Want
from callscribe.calls.placing import Placed, Placing
from callscribe.calls.ports import CallStore, Stored
from callscribe.calls.wish import Change, Language, Why, in_language
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import CallOverError, NotFoundError, NotOwnError, OwnedError
from callscribe.foundation.identifiers import is_call_id
from callscribe.foundation.json_input import Json
from callscribe.foundation.retry import STORAGE


@dataclass(frozen=True, slots=True)
class Controlling:
    """Takes what the API wants of calls; `by` is who asks.

    Every method but `stream` returns what the answer says besides the call. All raise
    NotFoundError for an unknown call, BadInputError naming the field, IllegalStateError naming the
    state that forbids it, and UnavailableError.
    """

    calls: CallStore
    effects: Effects
    actions: Actions
    placing: Placing

    async def hang_up(self, call_id: str, body: bytes, by: str, deadline: Deadline) -> Json:
        """Have the call ended for everyone, or leave it; unless told, as fits how it began."""
        everyone = parse_hangup(body)
        stored = await self._ours(call_id, deadline)
        if everyone is None:
            everyone = stored.call.direction is not Direction.JOINED
        how = HangUp.EVERYONE if everyone else HangUp.LEAVE
        await self._tell(stored, Leave(how), deadline)
        await self.actions.note(call_id, Asked.HANG_UP, by, how.value)
        return {"everyone": everyone}

    async def transcription(
        self, call_id: str, action: str, body: bytes, by: str, deadline: Deadline
    ) -> Json:
        """Start, stop or update the transcription. Raises NotFoundError for another action."""
        actions = {"start": _start, "stop": _stop, "update": _update}
        if action not in actions:
            raise NotFoundError("expected start, stop or update")
        change_of, what = actions[action](body)
        stored = await self._ours(call_id, deadline)
        wanted = change_of(stored.call)
        await self._tell(stored, Want(wanted, by), deadline)
        await self.actions.note(call_id, what, by, _details(wanted))
        if what is not Asked.UPDATE:
            return {}
        # ACS refuses to update the transcription of a call that was joined (405/8520).
        joined = stored.call.direction is Direction.JOINED
        return {"how": "stopAndStart" if joined else "update"}

    async def end(self, call_id: str, body: bytes, by: str, deadline: Deadline) -> Json:
        """Note that the application that keeps the call says that it is over."""
        parse_nothing(body)
        stored = await self._own(call_id, deadline)
        await self._tell(stored, End(), deadline)
        await self.actions.note(call_id, Asked.END, by)
        return {}

    async def stream(self, call_id: str, body: bytes, by: str, deadline: Deadline) -> Placed:
        """Make another address for the stream of a call that another application keeps."""
        parse_nothing(body)
        stored = await self._own(call_id, deadline)
        placed = await self.placing.address(stored, deadline)
        await self.actions.note(call_id, Asked.ADDRESS, by)
        return placed

    async def _ours(self, call_id: str, deadline: Deadline) -> Stored:
        stored = await self._up(call_id, deadline)
        if stored.call.is_own:
            raise OwnedError(
                "the call is kept by your application, which has to do this itself", call_id
            )
        return stored

    async def _own(self, call_id: str, deadline: Deadline) -> Stored:
        stored = await self._up(call_id, deadline)
        if not stored.call.is_own:
            raise NotOwnError(f"the call is {stored.call.direction}, not your own", call_id)
        return stored

    async def _up(self, call_id: str, deadline: Deadline) -> Stored:
        """Return a call that may be up; of another application's, that may be up again."""
        if not is_call_id(call_id):
            raise NotFoundError("no such call")
        stored = await retry(lambda: self.calls.read(call_id), STORAGE, deadline)
        if stored is None:
            raise NotFoundError("no such call")
        call = stored.call
        if call.terminal and not (call.is_own and call.inferred):
            raise CallOverError(f"the call is {call.state}", call_id)
        return stored

    async def _tell(self, stored: Stored, event: Event, deadline: Deadline) -> Stored:
        return await self.effects.tell(stored.call.id, event, stored, deadline)


type _Wanted = tuple[Callable[[Call], Change], Asked]


def _start(body: bytes) -> _Wanted:
    asked = parse_start(body)
    return lambda call: Change(on=True, language=_language(call, asked)), Asked.START


def _update(body: bytes) -> _Wanted:
    asked = parse_update(body)
    return lambda call: Change(language=_language(call, asked)), Asked.UPDATE


def _stop(body: bytes) -> _Wanted:
    pause = parse_stop(body)
    why = Why.ASKED if pause is None else Why.PAUSED
    return lambda _: Change(on=False, why=why, pause=pause), Asked.STOP


def _language(call: Call, asked: LanguageWish) -> Language:
    return in_language(call.wish.language, asked.locale, asked.model)


def _details(wanted: Change) -> str | None:
    """Return the parameters of a change, for people."""
    language = wanted.language
    parts = [
        "" if language is None else language.locale,
        "" if language is None or language.model is None else f"model {language.model}",
        "" if wanted.pause is None else f"pause of {wanted.pause:.0f} s",
    ]
    return ", ".join(part for part in parts if part) or None
