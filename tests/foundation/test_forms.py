"""The forms of GUIDs and locales: what fits whole, and what does not."""

import re

import pytest

from callscribe.foundation.forms import GUID, LOCALE

A_GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize("text", [A_GUID, A_GUID.upper()])
def test_a_guid_fits_in_either_case(text: str) -> None:
    assert re.fullmatch(GUID, text)


@pytest.mark.parametrize("text", ["", A_GUID[:-1], A_GUID + "0", A_GUID.replace("-", "")])
def test_what_is_no_guid_does_not_fit(text: str) -> None:
    assert not re.fullmatch(GUID, text)


@pytest.mark.parametrize("text", ["en-US", "EN-us", "es-419", "sr-Latn-RS", "zh-CN-shandong"])
def test_a_language_with_its_region_fits(text: str) -> None:
    assert re.fullmatch(LOCALE, text)


@pytest.mark.parametrize("text", ["en", "en_US", "en-US-", "en-U\u017f", "\u212ao-KR"])
def test_a_language_without_its_region_or_not_in_ascii_does_not_fit(text: str) -> None:
    assert not re.fullmatch(LOCALE, text)
