"""What is committed is what the compiler makes of the templates, and it has nothing to say."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.bicep import INFRA, MAIN, SNAPSHOTS, WIRING, leaves, predicted, read

ROOT = INFRA.parent
SCRIPT = "scripts/compile-templates.sh"
WRITTEN = [INFRA / "main.json", INFRA / "wiring.json", *sorted(SNAPSHOTS.glob("*.json"))]
# Its stable version takes neither groups of categories nor a name: everybody uses the preview.
PREVIEW = "Microsoft.Insights/diagnosticSettings"
# Published later than these need not be registered: https://github.com/Azure/bicep-types-az/issues/2185
NEWEST = {
    "Microsoft.CognitiveServices/accounts": "2026-03-01",
    "Microsoft.Communication/communicationServices": "2025-09-01",
    "Microsoft.Insights/metricAlerts": "2018-03-01",
    "Microsoft.Insights/scheduledQueryRules": "2023-12-01",
    "Microsoft.OperationalInsights/workspaces": "2025-07-01",
}
LEFT_OFF = {"use-recent-api-versions", "what-if-short-circuiting"}


def run(folder: Path, option: str) -> subprocess.CompletedProcess[str]:
    """Run the script that compiles, in a checkout."""
    command = ["/bin/sh", str(folder / SCRIPT), option]
    return subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, text=True, check=False, env=os.environ
    )


def sources() -> list[Path]:
    """Return every file that the compiler reads."""
    found = [*INFRA.rglob("*.bicep"), INFRA / "bicepconfig.json", *SNAPSHOTS.glob("*.bicepparam")]
    return sorted(found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what is needed to compile into a folder of its own."""
    if run(ROOT, "--which").returncode:
        pytest.skip("no Bicep CLI on this machine")
    shutil.copytree(INFRA, tmp_path / "infra")
    shutil.copytree(SNAPSHOTS, tmp_path / SNAPSHOTS.relative_to(ROOT))
    (tmp_path / SCRIPT).parent.mkdir()
    shutil.copyfile(ROOT / SCRIPT, tmp_path / SCRIPT)
    return tmp_path


def test_no_template_was_changed_without_being_compiled() -> None:
    """Holds without a compiler. If it fails: `make templates`."""
    lines = (SNAPSHOTS / "sources.sha256").read_text(encoding="utf-8").splitlines()
    noted = {path: digest for digest, path in (line.split() for line in lines)}
    found = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sources()
    }
    assert noted == found


def test_every_set_of_parameters_is_predicted() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.bicepparam")} == {*MAIN, *WIRING}
    for name in (*MAIN, *WIRING):
        snapshot = json.loads((SNAPSHOTS / f"{name}.snapshot.json").read_text(encoding="utf-8"))
        assert snapshot["diagnostics"] == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_nothing_that_is_written_names_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w}])/(home|root|tmp|work|Users|mnt|opt)/|file:|[A-Z]:\\\\", text)


def test_the_script_is_clean_and_posix() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    command = [str(shellcheck), "--shell=sh", str(ROOT / SCRIPT)]
    done = subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_compiler_writes_what_is_there() -> None:
    if run(ROOT, "--which").returncode:
        pytest.skip("no Bicep CLI on this machine")
    done = run(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "written", "instead", "said"),
    [
        ("modules/storage", "allowSharedKeyAccess:", "allowSharedKeyAcess:", "BCP089"),
        ("modules/function-app", "httpsOnly:", "httpOnly:", "BCP089"),
        ("modules/function-app", "instanceMemoryMB: inst", "instanceMemory: inst", "BCP089"),
        (
            "modules/function-app",
            "properties: { allow: false }",
            "properties: { alow: false }",
            "BCP089",
        ),
        ("main", "    units: webPubSubUnits", "    unit: webPubSubUnits", "BCP035"),
        ("wiring", "var topicParts", "var unused = 1\nvar topicParts", "no-unused-vars"),
        ("wiring", "// Carriers may", "//   Carriers  may", "sources.sha256"),
    ],
)
def test_a_mistake_is_told_by_the_compiler(
    copy: Path, name: str, written: str, instead: str, said: str
) -> None:
    template = copy / f"infra/{name}.bicep"
    text = template.read_text(encoding="utf-8")
    assert written in text
    template.write_text(text.replace(written, instead, 1), encoding="utf-8")
    done = run(copy, "--check")
    assert done.returncode == 1
    assert said in done.stderr


def test_every_rule_of_the_linter_is_an_error_but_those_with_a_reason() -> None:
    text = (INFRA / "bicepconfig.json").read_text(encoding="utf-8")
    levels = dict(re.findall(r'"([\w-]+)": \{ "level": "(\w+)" \}', text))
    assert {rule for rule, level in levels.items() if level != "error"} == LEFT_OFF
    for rule in LEFT_OFF:
        assert re.search(rf'^ +// .+\n +"{rule}"', text, re.MULTILINE)


def test_parameters_and_properties_have_types() -> None:
    """The linter asks for them (`use-user-defined-types`); one rule is broken for one line."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in INFRA.rglob("*.bicep")}
    assert not [
        name for name, text in texts.items() if re.search(r"\b(object|array)$", text, re.MULTILINE)
    ]
    disabled = [line for text in texts.values() for line in text.splitlines() if "#disable" in line]
    assert [line.strip() for line in disabled] == ["#disable-next-line BCP037"]


def test_api_versions_are_stable_and_one_for_each_type() -> None:
    made = {
        (each.type, each.body["apiVersion"])
        for name in (*MAIN, *WIRING)
        for each in predicted(name).resources
    }
    types = [type_ for type_, _ in made]
    assert len(types) == len(set(types))
    assert {type_ for type_, version in made if "preview" in version} == {PREVIEW}


def test_no_api_version_is_newer_than_what_others_deploy_with() -> None:
    made = {each.type: each.body["apiVersion"] for each in predicted("everything").resources}
    assert {type_: made[type_] for type_ in NEWEST} == NEWEST


def test_every_module_is_used() -> None:
    texts = [(INFRA / f"{name}.bicep").read_text(encoding="utf-8") for name in ("main", "wiring")]
    used = {name for text in texts for name in re.findall(r"'(modules/[\w-]+\.bicep)'", text)}
    assert used == {path.relative_to(INFRA).as_posix() for path in INFRA.glob("modules/*")}


def test_no_secret_leaves_a_template() -> None:
    secret = re.compile(
        r"\blist[A-Z]\w*\(|account_?key|access_?key|connection_?string|shared_?access|password",
        re.IGNORECASE,
    )
    templates = [read("main"), read("wiring"), *read("main").modules.values()]
    outputs = [text for each in templates for pair in each.outputs.items() for text in pair]
    assert not [text for text in outputs if secret.search(text)]
    bodies = [str(leaf) for each in templates for leaf in leaves(each.body)]
    assert not [text for text in bodies if re.search(r"\blist[A-Z]\w*\(", text)]
