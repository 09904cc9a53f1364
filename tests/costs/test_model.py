"""What calls need and what is billed for them."""

from typing import Any

import pytest

from scripts.costs.model import Plan, Units, amounts, calls_of_a_core, instances, units


def _plan(
    calls: int = 1_000,
    *,
    watched: float = 0,
    hypotheses: bool = True,
    memory_mb: int = 2048,
    always_ready: int = 0,
) -> Plan:
    return Plan(calls, 10, calls, watched, hypotheses, memory_mb, always_ready)


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, 5),
        ({"watched": 1.0}, 20),
        ({"hypotheses": False}, 1),
        ({"calls": 1}, 1),
        ({"calls": 10_000}, 50),
        ({"calls": 30_000}, None),
    ],
)
def test_the_tightest_limit_decides_and_only_some_sizes_exist(
    changes: dict[str, Any], size: int | None
) -> None:
    assert units(_plan(**changes)).size == size


def test_each_limit_can_be_the_tightest() -> None:
    """1,000 connections, 500 events and 180 sends a second are a unit each."""
    plain, watched = units(_plan()), units(_plan(watched=1.0))
    assert (plain.connections, plain.sends) == (1.0, 0)
    assert plain.needed == plain.events == pytest.approx(2_333 / 500, abs=0.01)
    assert watched.connections == 2.0
    assert watched.needed == watched.sends == pytest.approx(12.96, abs=0.01)
    quiet = Plan(1_500, 10, 1_500, hypotheses=False)
    assert units(quiet).needed == units(quiet).connections == 1.5


def test_a_size_that_is_exactly_full_is_enough() -> None:
    assert Units(5.0, 1.0, 1.0).size == 5
    assert Units(5.001, 1.0, 1.0).size == 10


def test_without_hypotheses_most_events_are_gone() -> None:
    with_them, without = _plan().frames_a_minute, _plan(hypotheses=False).frames_a_minute
    assert 1 - without / with_them == pytest.approx(0.86, abs=0.005)


def test_a_core_of_the_real_host_holds_so_many_calls() -> None:
    """About 85 with hypotheses, about 600 without."""
    assert 80 < calls_of_a_core(140) < 90
    assert 580 < calls_of_a_core(20) < 640


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 17),
        ({"memory_mb": 512}, 66),
        ({"memory_mb": 4096}, 9),
        ({"calls": 1}, 1),
        ({"calls": 1, "always_ready": 2}, 2),
    ],
)
def test_instances_follow_from_the_processor_time_of_frames(
    changes: dict[str, Any], count: int
) -> None:
    assert instances(_plan(**changes)) == count


def test_memory_is_billed_for_the_time_in_which_calls_are_up() -> None:
    assert amounts(_plan())["functions-memory"] == 17 * 2 * 600
    spread = Plan(1_000, 10, at_once=100)
    assert spread.seconds == 6_000
    assert amounts(spread)["functions-memory"] == instances(spread) * 2 * 6_000


def test_executions_are_frames_and_little_else() -> None:
    assert amounts(_plan())["functions-executions"] == pytest.approx(1.4e6, rel=0.02)


def test_what_is_always_ready_is_billed_all_day() -> None:
    ready = amounts(_plan(calls=1, always_ready=2, memory_mb=512))
    assert ready["functions-always-ready"] == 2 * 0.5 * 86_400


def test_events_to_the_app_are_messages_and_those_to_viewers_too() -> None:
    assert amounts(_plan())["web-pubsub-messages"] == 1_400_000
    assert amounts(_plan(watched=0.5))["web-pubsub-messages"] == 2_100_000


def test_what_no_resource_can_hold_is_billed_as_the_largest() -> None:
    assert amounts(_plan(calls=30_000))["web-pubsub-units"] == 100


def test_each_final_and_each_look_is_a_request_beside_those_of_a_call() -> None:
    longer, call = amounts(Plan(1, 11, 1))["tables"], amounts(Plan(1, 10, 1))["tables"]
    assert longer - call == 20 + 3
    assert call - 10 * 23 == 42 + 45
