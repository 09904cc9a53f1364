"""Dialogues: who says what, and when. They are files in `emulator/dialogues/`, or embedded."""

import itertools
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from emulator.acs.errors import decode, invalid
from emulator.acs.keys import Keys
from emulator.acs.phones import Phone

_FOLDER = Path(__file__).parent.parent / "dialogues"
_PARTIES = 2
# Of the three things that a line can be, it is not these.
_OTHERS = 2


class Participant(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Who speaks; the first two are the two ends of the call unless they have a raw id.

    One who is `added` comes in when the app adds them; without a raw id that is whoever is added
    next.
    """

    raw_id: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    # How the phone of this participant behaves when it is called.
    phone: Phone | None = None
    added: bool = False


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one participant says, presses or does, `at` seconds after the dialogue has begun.

    With `asked` it is the answer to the app, which waits for keys: so many seconds after that.
    """

    speaker: Annotated[int, msgspec.Meta(ge=0)]
    at: Annotated[float, msgspec.Meta(ge=0, le=86_400)]
    text: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    keys: Keys | None = None
    does: Literal["joins", "leaves"] | None = None
    asked: bool = False

    def __post_init__(self) -> None:
        if [self.text, self.keys, self.does].count(None) != _OTHERS:
            raise ValueError("a line has one of `text`, `keys` and `does`")
        if self.asked and self.keys is None:
            raise ValueError("`asked` goes with `keys`")


class Dialogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A complete conversation."""

    lines: tuple[Line, ...]
    participants: tuple[Participant, ...] = (Participant(), Participant())

    def __post_init__(self) -> None:
        for number, participant in enumerate(self.participants):
            known = participant.raw_id or participant.added or number < _PARTIES
            if not known:
                raise ValueError(f"participant {number} needs a rawId, or is `added`")
        for line in self.lines:
            if line.speaker >= len(self.participants):
                raise ValueError(
                    f"there is no participant {line.speaker} to say {line.text or line.keys!r}"
                )

    def raw_ids(self, *ends: str | None) -> tuple[str | None, ...]:
        """Return the participants' raw ids; `ends` are those of the caller and of the callee.

        None is one of whom it is not known yet.
        """
        unnamed = itertools.chain(ends, itertools.repeat(None))
        return tuple(
            participant.raw_id or (None if participant.added else end)
            for participant, end in zip(self.participants, unnamed, strict=False)
        )


def names() -> list[str]:
    """Return the names of the dialogues that come with the emulator."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def load(script: str | Dialogue) -> Dialogue:
    """Return the dialogue that `script` embeds or names. Raises ServiceError for other names."""
    if isinstance(script, Dialogue):
        return script
    # Compared with the known names, so that a name can never lead out of the folder.
    if script not in names():
        raise invalid(f"there is no dialogue {script!r}, only {', '.join(names())} - at `$.script`")
    return decode((_FOLDER / f"{script}.json").read_bytes(), Dialogue)
