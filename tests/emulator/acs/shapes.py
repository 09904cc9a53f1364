"""Compare a message with samples of its kind: the same fields, of the same types, all the way."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from tests.wire_samples import names, sample


def documented(kind: str, *names: str) -> list[Any]:
    """Return samples of a kind as JSON."""
    return [json.loads(sample(kind, name)) for name in names]


_IDENTITIES = documented("identities", *names("identities"))


def differences(
    found: Any, known: Sequence[Any], optional: Collection[str] = (), path: str = "$"
) -> Iterator[str]:
    """Say where `found` has what no sample has, or lacks what all of them have.

    Wherever somebody is named it may be anybody: an identity is compared with those of its kind.
    """
    alike = [each for each in known if type(each) is type(found)]
    if not alike:
        types = sorted({type(each).__name__ for each in known})
        yield f"{path}: {type(found).__name__}, documented are {types}"
    elif isinstance(found, dict):
        if {"kind", "rawId"} <= found.keys():
            alike = [each for each in _IDENTITIES if each.get("kind") == found["kind"]]
        everywhere = set.intersection(*(set(each) for each in alike)) - set(optional)
        somewhere = {name for each in alike for name in each}
        yield from (f"{path}.{name}: missing" for name in sorted(everywhere - found.keys()))
        yield from (f"{path}.{name}: unknown" for name in sorted(found.keys() - somewhere))
        for name in sorted(found.keys() & somewhere):
            values = [each[name] for each in alike if name in each]
            yield from differences(found[name], values, optional, f"{path}.{name}")
    elif isinstance(found, list):
        items = [item for each in alike for item in each]
        for number, item in enumerate(found):
            yield from differences(item, items, optional, f"{path}[{number}]")
