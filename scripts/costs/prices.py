"""The prices: a file that people edit, and what an amount costs by it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one thing that is billed; `usd` is None where it is not known."""

    what: str
    unit: str
    per: float
    check: str
    usd: float | None = None
    free: float = 0
    source: str = ""
    date: str = ""

    def of(self, amount: float, times_free: float = 1) -> float | None:
        """Return what an amount costs, less what is free `times_free` over."""
        if self.usd is None:
            return None
        return max(0.0, amount - self.free * times_free) / self.per * self.usd


def read(file: Path = FILE) -> dict[str, Price]:
    """Read the prices by name. Raises ValueError for one that cannot be used."""
    return parse(tomllib.loads(file.read_text(encoding="utf-8")))


def parse(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Price]:
    """Return the prices in a parsed file. Raises ValueError for one that cannot be used."""
    prices = {}
    for name, fields in content.items():
        try:
            price = Price(**fields)
        except TypeError as error:
            raise ValueError(f"{name}: {error}") from error
        if price.per <= 0:
            raise ValueError(f"{name}: `per` must be more than 0")
        if price.usd is not None and not (price.source and price.date):
            raise ValueError(f"{name}: a price needs its source and its date")
        prices[name] = price
    return prices
