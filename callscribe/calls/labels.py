"""The labels of a call: short tags by which people find it again; pure.

In the record they are one text, such as `|order-4711|vip|`, so that a filter finds each.
"""

from collections.abc import Iterable

type Labels = tuple[str, ...]


def written(labels: Iterable[str]) -> str:
    """Return labels as the column has them; nothing for none."""
    text = "|".join(labels)
    return f"|{text}|" if text else ""


def labels_in(column: str | None) -> Labels:
    """Return the labels of a column."""
    return tuple(each for each in (column or "").split("|") if each)
