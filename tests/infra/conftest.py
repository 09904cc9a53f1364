"""The machine that the deployment's scripts are run on."""

from pathlib import Path

import pytest

from tests.infra.machine import Machine, new_machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return new_machine(tmp_path)
