"""The measurements run: each once, with as little as it takes. What they find is not held here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FIGURES = (
    "Frames of 16 words parsed per second ÷ json.loads alone",
    "Import of function_app ÷ import of the libraries that it loads",
    "Time in stream_events to persist a final ÷ default upsert_entity, nobody watching",
    "Time in stream_events to persist a final ÷ default upsert_entity, a live watcher",
    "CPU of the functions process per final ÷ CPU of default upsert_entity",
    "Finals per second, 50 calls through the whole stack ÷ bare concurrent upserts",
    "Final sent → its row can be read, 50 calls, p95",
    "Final sent → who watches sees it, 50 calls, p95",
    "Memory of the functions process after 100,000 frames ÷ after 1,000",
    "Memory of the functions processes that 12 posts of 95 MB without a proof take",
    "24 events with invented key ids: the longest is held",
    "… genuine events refused meanwhile, whose key has just been rotated in",
    "A call of 5 minutes with one party at a time: reads of its record",
    "… saves of its record",
    "Bytes of log for each minute of that call",
    "A transcript of 20,000 segments as vtt ÷ bare scan of the partition",
    "List page at 50,000 calls ÷ bare one-page query",
)


def _bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env={"COLUMNS": "200", "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="module")
def table() -> str:
    """Measure all figures with as few rounds as possible; return what was printed."""
    finished = _bench("--quick")
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_in_the_table(table: str, figure: str) -> None:
    """Each measurement ends with its line."""
    assert figure in table


def test_only_a_whole_measurement_goes_into_the_page() -> None:
    """A part of the table never takes the place of the whole."""
    refused = _bench("--markdown", "frames")

    assert refused.returncode == 2
    assert "whole" in refused.stderr
