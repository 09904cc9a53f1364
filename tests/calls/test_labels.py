"""Labels in one column."""

from callscribe.calls.labels import labels_in, written


def test_each_can_be_found_in_the_text() -> None:
    assert written(["order-4711", "vip"]) == "|order-4711|vip|"
    assert written([]) == ""


def test_what_is_written_is_read() -> None:
    assert labels_in("|order-4711|vip|") == ("order-4711", "vip")
    assert labels_in(None) == ()
