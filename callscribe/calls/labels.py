"""The labels of a call: short tags by which people find it again; pure.

In the record they are one text, such as `|order-4711|vip|`, so that a filter finds each.
"""

from collections.abc import Iterable


def written(labels: Iterable[str]) -> str | None:
    """Return labels as the column has them; None for none."""
    text = "|".join(labels)
    return f"|{text}|" if text else None


def labels_in(column: str | None) -> list[str]:
    """Return the labels of a column."""
    return [each for each in (column or "").split("|") if each]
