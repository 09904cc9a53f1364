"""The labels of a call: short tags by which people find it again; pure.

In the record they are one text, such as `|order-4711|vip|`, so that a filter finds each. In the
table `Labels` each has a partition, with a row for each of its calls.
"""

import hashlib
import re
from collections.abc import Iterable

from callscribe.foundation.errors import BadInputError

type Labels = tuple[str, ...]

MOST_LABELS = 16
EXPECTED = "expected a to z, 0 to 9, . _ or -, 40 characters at most"
_LABEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def is_label(text: str) -> bool:
    """Tell whether a text can be a label."""
    return _LABEL.fullmatch(text) is not None


def parse_labels(value: object) -> Labels:
    """Read the labels of a request. Raises BadInputError naming the one that is wrong."""
    if not isinstance(value, list) or len(value) > MOST_LABELS:
        raise BadInputError(f"labels: expected a list of at most {MOST_LABELS}", "labels")
    for place, each in enumerate(value):
        if not isinstance(each, str) or not is_label(each):
            path = f"labels[{place}]"
            raise BadInputError(f"{path}: {EXPECTED}", path)
    if len(set(value)) != len(value):
        raise BadInputError("labels: expected each once", "labels")
    return tuple(value)


def label_key(label: str) -> str:
    """Return a label's PartitionKey in `Labels`: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(label.encode()).hexdigest()[:32]


def written(labels: Iterable[str]) -> str:
    """Return labels as the column has them; nothing for none."""
    text = "|".join(labels)
    return f"|{text}|" if text else ""


def labels_in(column: str | None) -> Labels:
    """Return the labels of a column."""
    return tuple(each for each in (column or "").split("|") if each)
