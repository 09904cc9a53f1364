"""App settings that bindings name."""

import pytest

from emulator.functions_host.bindings import connection_string, expand
from emulator.functions_host.errors import AppError


def test_a_setting_between_percent_signs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEA", "green")
    assert expand("cup-of-%TEA%-tea") == "cup-of-green-tea"
    with pytest.raises(AppError, match="the app setting POT is missing"):
        expand("%POT%")


def test_a_connection_is_looked_up_with_the_prefix_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "default")
    monkeypatch.setenv("Tea", "plain")
    assert connection_string("") == "default"
    assert connection_string("Storage") == "default"
    assert connection_string("Tea") == "plain"
    monkeypatch.setenv("AzureWebJobsTea", "prefixed")
    assert connection_string("Tea") == "prefixed"


def test_identity_is_not_emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Pot__accountName", "kitchen")
    with pytest.raises(AppError, match="identity are not emulated"):
        connection_string("Pot")
    with pytest.raises(AppError, match="Cup is missing"):
        connection_string("Cup")
