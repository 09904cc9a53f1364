"""What the host is told from outside, and what it adds to the app's environment."""

import json
from pathlib import Path

import pytest

from emulator.functions_host.errors import AppError
from emulator.functions_host.settings import Settings, complete_environ


def test_nothing_needs_to_be_set() -> None:
    assert Settings.from_environ({}) == Settings(port=7071, app=Path())


def test_everything_can_be_set() -> None:
    environ = {
        "FUNCTIONS_PORT": "7072",
        "FUNCTIONS_APP": "app",
        "FUNCTIONS_SETTINGS": "local.settings.json",
        "FUNCTIONS_KEY": "s3cret",
        "FUNCTIONS_FUNCTION_KEY": "f3nction",
        "FUNCTIONS_EVENTGRID_KEY": "gr1d",
        "FUNCTIONS_QUEUE_LEASE": "5",
        "FUNCTIONS_HOST": "func",
        "FUNCTIONS_SPEED": "2.5",
        "FUNCTIONS_DATA": "data",
    }
    assert Settings.from_environ(environ) == Settings(
        port=7072,
        app=Path("app"),
        settings_file=Path("local.settings.json"),
        master_key="s3cret",
        function_key="f3nction",
        event_grid_key="gr1d",
        queue_lease=5,
        speed=2.5,
        data=Path("data"),
        core_tools=True,
    )


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_is_a_number(port: str) -> None:
    with pytest.raises(AppError, match="FUNCTIONS_PORT"):
        Settings.from_environ({"FUNCTIONS_PORT": port})


@pytest.mark.parametrize("speed", ["0", "-1", "1001", "fast", "nan"])
def test_a_speed_is_a_number(speed: str) -> None:
    with pytest.raises(AppError, match="FUNCTIONS_SPEED"):
        Settings.from_environ({"FUNCTIONS_SPEED": speed})


def test_the_environment_wins_over_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "local.settings.json"
    values = {"IsEncrypted": False, "Values": {"TEA": "green", "POT": "brown"}}
    file.write_text(json.dumps(values), encoding="utf-8")
    environ = {"TEA": "black"}
    complete_environ(Settings(port=7, settings_file=file), environ)
    assert environ == {
        "TEA": "black",
        "POT": "brown",
        "WEBSITE_HOSTNAME": "localhost:7",
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
    }


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"Values": []}', '{"IsEncrypted": true}', '{"Values": {"A": 1}}']
)
def test_a_settings_file_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(AppError, match=r"local\.settings\.json"):
        complete_environ(Settings(settings_file=file), {})


def test_a_missing_settings_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be read"):
        complete_environ(Settings(settings_file=tmp_path / "none.json"), {})
