"""Who is on a call, as ACS lists them: raw ids, muted, on hold; it sends no names and no roles.

https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation
"""

from dataclasses import dataclass

from callscribe.calls.incoming import raw_id_of
from callscribe.foundation.bounds import code_of
from callscribe.foundation.identifiers import is_hidden
from callscribe.foundation.json_input import Json, object_of

# A call has 350 participants at most:
# https://learn.microsoft.com/azure/communication-services/concepts/service-limits
MOST_PEOPLE = 1_000


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a call. `hidden` says that the raw id names nobody outside of it."""

    raw_id: str
    hidden: bool = False
    muted: bool = False
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """All who are on a call; of two lists the one with the higher `number` is the newer."""

    number: int | None
    people: tuple[Participant, ...]


def parse_roster(participants: object, number: object) -> Roster | None:
    """Read ACS's list of participants; None where it is no list.

    Who has no raw id that can be read is there all the same, as `UNKNOWN`.
    """
    if not isinstance(participants, list):
        return None
    people = (_participant(object_of(each)) for each in participants[:MOST_PEOPLE])
    return Roster(code_of(number), tuple(people))


def _participant(item: Json) -> Participant:
    # The API of 2022 lists the identifiers alone.
    identifier = object_of(item.get("identifier", item))
    raw_id = raw_id_of(identifier)
    withheld = any(object_of(part).get("isAnonymous") is True for part in identifier.values())
    return Participant(
        raw_id=raw_id,
        hidden=withheld or is_hidden(raw_id),
        muted=item.get("isMuted") is True,
        on_hold=item.get("isOnHold") is True,
    )
