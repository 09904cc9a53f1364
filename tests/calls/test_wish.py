"""Every change of what is wanted is a revision, with a row of its own."""

import pytest

from callscribe.calls.wish import Change, Language, Why, Wish, in_language, revised, wish_row
from tests.calls.deciding import NOW, after
from tests.fakes.wishes import ENGLISH, GERMAN

WISH = Wish(on=True, language=ENGLISH, at=after(-10))


def test_at_first_it_is_what_the_settings_say() -> None:
    assert (WISH.revision, WISH.why, WISH.by) == (1, Why.ASKED, "setting")


def test_a_change_that_names_nothing_is_a_revision_all_the_same() -> None:
    assert revised(WISH, Change(), "key", NOW) == Wish(
        on=True, language=ENGLISH, at=NOW, revision=2, why=Why.ASKED, by="key"
    )


@pytest.mark.parametrize("why", Why)
def test_a_change_is_the_next_revision(why: Why) -> None:
    off = revised(WISH, Change(on=False, why=why), None, NOW)
    assert off == Wish(on=False, language=ENGLISH, at=NOW, revision=2, why=why, by=None)
    on = revised(off, Change(on=True, language=GERMAN), "oid", after(1))
    assert on == Wish(on=True, language=GERMAN, at=after(1), revision=3, by="oid")


def test_a_revision_has_a_row() -> None:
    language = Language("en-US", "model")
    wish = Wish(on=False, language=language, at=NOW, revision=12, why=Why.PAUSED, by="key")
    assert wish_row(wish) == (
        "w-000012",
        {
            "Revision": 12,
            "On": False,
            "Why": "paused",
            "Locale": "en-US",
            "Model": "model",
            "From": "2026-11-22T18:54:03.000Z",
            "By": "key",
        },
    )


def test_a_row_has_no_column_for_what_is_not_known() -> None:
    key, row = wish_row(revised(WISH, Change(), None, NOW))
    assert key == "w-000002"
    assert row.keys() == {"Revision", "On", "Why", "Locale", "From"}


def test_keys_of_revisions_sort_by_their_numbers() -> None:
    wishes = [Wish(on=True, language=ENGLISH, at=NOW, revision=each) for each in (1, 2, 10, 99_999)]
    keys = [wish_row(wish)[0] for wish in wishes]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("before", "locale", "model", "after"),
    [
        (Language("en-US", "m"), None, None, Language("en-US", "m")),
        (Language("en-US", "m"), None, "n", Language("en-US", "n")),
        (Language("en-US", "m"), "en-us", None, Language("en-us", "m")),
        (Language("en-US", "m"), "de-DE", None, Language("de-DE")),
        (Language("en-US"), "de-DE", "n", Language("de-DE", "n")),
    ],
)
def test_a_model_is_of_its_locale(
    before: Language, locale: str | None, model: str | None, after: Language
) -> None:
    assert in_language(before, locale, model) == after
