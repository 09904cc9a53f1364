"""docs/results.md says what is done about each result as the app's table has it."""

from callscribe.calls.result_table import TABLE
from scripts.results import HEAD, PAGE, with_tables


def test_the_tables_of_the_page_are_the_app_s() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run `python -m scripts.results`"
    assert page.count(HEAD) == len({of for row in TABLE for of in row.of})
