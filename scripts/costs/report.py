"""The calculation as text. Pure."""

from collections.abc import Iterator, Mapping

from scripts.costs.model import Plan, amounts, calls_of_a_core, instances, units
from scripts.costs.prices import Price

# Smaller amounts are shown with what comes after the point.
WHOLE_FROM = 10


def lines(plan: Plan, prices: Mapping[str, Price]) -> Iterator[str]:
    """Yield the lines: the load, the sizes that it needs, and what it costs."""
    yield from _load(plan)
    yield ""
    yield from _costs(plan, prices)


def _load(plan: Plan) -> Iterator[str]:
    need = units(plan)
    each = f"{plan.calls:,} calls of {plan.minutes:g} minutes, {plan.at_once:,} at once"
    yield f"{each}, {plan.frames_a_minute} frames a minute each, {plan.watched:.0%} watched"
    yield ""
    yield f"frames a second         {plan.frames_a_second:,.0f}"
    yield f"messages to viewers     {plan.sends_a_second:,.0f} a second"
    yield f"calls of one core       {calls_of_a_core(plan.frames_a_minute):,.0f} at most"
    yield f"instances of {plan.memory_mb} MB    {instances(plan):,}"
    limits = f"connections {need.connections:.1f}, events {need.events:.1f}, sends {need.sends:.1f}"
    size = need.size if need.size is not None else "more than one resource has"
    yield f"Web PubSub units        {size} ({limits})"


def _costs(plan: Plan, prices: Mapping[str, Price]) -> Iterator[str]:
    total = 0.0
    for name, amount in amounts(plan).items():
        price = prices[name]
        free_for = float(units(plan).size or 1) if name == "web-pubsub-messages" else 1
        cost = price.of(amount, free_for)
        total += cost or 0
        shown = "no price" if cost is None else f"{cost:,.2f}"
        yield f"{price.what:<60} {_number(amount):>12} {price.unit:<10} {shown:>9}"
    yield f"{'Sum of what has a price, US dollars':<84} {total:>9,.2f}"


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= WHOLE_FROM or amount == int(amount) else f"{amount:.3f}"
