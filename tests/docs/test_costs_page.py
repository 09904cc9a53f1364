"""docs/costs.md shows what the calculator prints, and says of each price where it is from."""

import shlex

import pytest
from typer.testing import CliRunner

from scripts.costs.__main__ import app
from scripts.costs.prices import read
from tests.docs.markdown import ROOT, blocks, code_in, section, table

PAGE = ROOT / "docs" / "costs.md"
SHOWN = [
    (command.code.strip(), printed.code)
    for command, printed in zip(blocks(PAGE)[::2], blocks(PAGE)[1::2], strict=True)
]


@pytest.mark.parametrize(("command", "printed"), SHOWN)
def test_what_is_shown_is_what_the_command_prints(command: str, printed: str) -> None:
    words = shlex.split(command)
    result = CliRunner().invoke(app, words[words.index("scripts.costs") + 1 :])
    assert result.exit_code == 0
    assert result.output == printed


def test_the_options_that_are_named_exist() -> None:
    printed = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    named = {
        code.split()[0]
        for code in code_in(section(PAGE, "The calculator"))
        if code.startswith("--")
    }
    assert named
    assert all(option in printed for option in named)


def test_an_unknown_size_of_memory_is_refused() -> None:
    arguments = ["--calls", "1", "--minutes", "1", "--memory", "1024"]
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_every_price_there_is_stands_on_the_page_with_its_source() -> None:
    known = {name for name, price in read().items() if price.usd is not None}
    assert {code_in(row[0])[0] for row in table(section(PAGE, "The prices"))} == known
