"""scripts/smoke finds what was deployed: by azd's environment, or by that of the process, and az.

There is no Azure here: `az` and `azd` are stand-ins that write down what they are asked.
"""

import json
from pathlib import Path

import pytest

from callscribe.foundation.errors import NotConfiguredError
from scripts.smoke.deployed import NotAnsweredError, azd_environment, read_deployed

SUBSCRIPTION = "00000000-0000-4000-8000-0000000000bb"
VALUES = {
    "AZURE_FUNCTION_APP_URL": "https://func-test.example.com",
    "AZURE_FUNCTION_APP": "func-test",
    "AZURE_RESOURCE_GROUP": "rg-test",
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
}
SETTINGS = [{"name": "ACS_ENDPOINT", "slotSetting": False, "value": "https://acs.example.com"}]
STAND_IN = r"""#!/bin/sh
printf '%s\n' "$(basename "$0") $*" >>"{home}/calls"
case "$(basename "$0") $*" in
  "azd env get-values"*) cat "{home}/values" ;;
  "az functionapp keys list"*) cat "{home}/key" ;;
  "az functionapp config appsettings list"*) cat "{home}/settings" ;;
esac
"""
REFUSING = "#!/bin/sh\necho 'some words' >&2\necho 'ERROR: you are nobody' >&2\nexit 1\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with what the tools answer; only they are on the PATH, and the system's."""
    for tool in ("az", "azd"):
        _install(tmp_path / "bin" / tool, STAND_IN.replace("{home}", str(tmp_path)))
    (tmp_path / "values").write_text(json.dumps(VALUES))
    (tmp_path / "key").write_text('"a key"\n')
    (tmp_path / "settings").write_text(json.dumps(SETTINGS))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path


def _install(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


def test_azd_says_what_it_has_deployed_and_az_the_rest(home: Path) -> None:
    found = read_deployed(azd_environment())
    assert found.url == "https://func-test.example.com"
    assert found.key == "a key"
    assert found.settings == {"ACS_ENDPOINT": "https://acs.example.com"}
    where = f"--name func-test --resource-group rg-test --subscription {SUBSCRIPTION}"
    assert (home / "calls").read_text().splitlines() == [
        "azd env get-values --output json",
        f"az functionapp keys list --query functionKeys.default {where} --output json",
        f"az functionapp config appsettings list {where} --output json",
    ]


def test_without_azd_the_environment_says_it(home: Path) -> None:
    assert read_deployed(VALUES).key == "a key"
    assert "azd" not in (home / "calls").read_text()


@pytest.mark.parametrize("name", VALUES)
def test_a_missing_value_is_named_before_anything_is_asked(home: Path, name: str) -> None:
    with pytest.raises(NotConfiguredError) as failure:
        read_deployed(VALUES | {name: ""})
    assert failure.value.problems[0] == f"{name}: expected its value in the deployment"
    assert not (home / "calls").exists()


def test_a_tool_that_refuses_is_quoted_with_its_last_words(home: Path) -> None:
    _install(home / "bin" / "az", REFUSING)
    with pytest.raises(
        NotAnsweredError, match=r"^az functionapp keys list --query: ERROR: you are nobody$"
    ):
        read_deployed(VALUES)


def test_a_tool_that_is_missing_is_named(home: Path) -> None:
    (home / "bin" / "azd").unlink()
    with pytest.raises(NotAnsweredError, match=r"^azd is not on the PATH"):
        azd_environment()


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("settings", "{}", "az functionapp config appsettings list: Expected `array`"),
        ("key", "null", "az functionapp keys list --query: Expected `str`, got `null`"),
        ("key", "", "az functionapp keys list --query: not JSON"),
    ],
)
def test_another_answer_is_named_with_its_question(
    home: Path, file: str, text: str, told: str
) -> None:
    (home / file).write_text(text)
    with pytest.raises(NotAnsweredError, match=f"^{told}"):
        read_deployed(VALUES)
