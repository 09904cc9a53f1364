"""The file of prices, and what amounts cost by it."""

from pathlib import Path

import pytest

from scripts.costs.model import Plan, amounts
from scripts.costs.prices import FILE, Price, parse, read
from scripts.costs.report import lines

PRICE = {"what": "Tea", "unit": "cups", "per": 10, "check": "https://example.org/tea"}


def test_an_amount_costs_by_the_unit_less_what_is_free() -> None:
    price = Price("Tea", "cups", 10, "https://example.org", usd=0.5, free=100)
    assert price.of(300) == 10
    assert price.of(300, times_free=2) == 5
    assert price.of(50) == 0


def test_without_a_price_there_is_no_cost() -> None:
    assert parse({"tea": PRICE})["tea"].of(300) is None


@pytest.mark.parametrize(
    "fields",
    [
        {**PRICE, "usd": 1},
        {**PRICE, "usd": 1, "source": "the shop"},
        {**PRICE, "per": 0},
        {**PRICE, "colour": "green"},
        {"what": "Tea"},
    ],
)
def test_a_price_without_its_source_and_date_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="tea: "):
        parse({"tea": fields})


def test_everything_that_is_billed_is_in_the_file_and_says_where_to_look() -> None:
    prices = read(FILE)
    assert prices.keys() == amounts(Plan(1, 1, 1)).keys()
    assert all(
        price.check.startswith("https://azure.microsoft.com/pricing/") for price in prices.values()
    )


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    text = FILE.read_text(encoding="utf-8").replace("usd = 2.30", "usd = 3.00")
    own.write_text(text, encoding="utf-8")
    assert read(own)["logs"].usd == 3


def test_the_sum_leaves_out_what_has_no_price() -> None:
    prices = {name: Price("Tea", "cups", 1, "") for name in amounts(Plan(1, 1, 1))}
    prices["telephony"] = Price("Calls", "minutes", 1, "", usd=2)
    *_, last = lines(Plan(1, 10, 1), prices)
    assert last.split()[-1] == "20.00"


def test_what_is_too_much_for_one_resource_is_said() -> None:
    text = "\n".join(lines(Plan(30_000, 10, 30_000), read()))
    assert "more than one resource has" in text
