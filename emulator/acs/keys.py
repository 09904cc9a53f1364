"""The keys of a phone, and the names that the service has for their tones."""

from typing import Annotated, Literal

import msgspec

type Tone = Literal[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "a",
    "b",
    "c",
    "d",
    "pound",
    "asterisk",
]
# What somebody presses, one after the other.
type Keys = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Da-d*#]{1,100}$")]

# A person takes about so long from one key to the next.
SECONDS_PER_KEY = 0.3

_TONES: dict[str, Tone] = {
    "0": "zero",
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "a": "a",
    "b": "b",
    "c": "c",
    "d": "d",
    "#": "pound",
    "*": "asterisk",
}


def tone_of(key: str) -> Tone:
    """Return the name of a key's tone."""
    return _TONES[key.lower()]
