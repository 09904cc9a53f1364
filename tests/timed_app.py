"""The app with other spans of time, so that tests need not wait as long as a call would.

The spans are those of `Times` that are no settings. The app is one of its own, in a folder of its
own, for the functions host: nothing in Callscribe itself reads these spans from anywhere.
"""

import shutil
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from callscribe.settings.settings import Times

ROOT = Path(__file__).parent.parent
SOURCE = """\
from dataclasses import replace
from runpy import run_path

from callscribe import bootstrap

bootstrap.TIMES = replace(bootstrap.TIMES, **{times!r})
app = run_path({app!r})["app"]
"""


def timed_app(folder: Path, times: Mapping[str, float]) -> Path:
    """Write an app that differs from Callscribe in these spans of `Times`; return its folder."""
    assert times.keys() <= {field.name for field in fields(Times)}
    folder.mkdir()
    shutil.copy(ROOT / "host.json", folder)
    source = SOURCE.format(times=dict(times), app=str(ROOT / "function_app.py"))
    (folder / "function_app.py").write_text(source, encoding="utf-8")
    return folder
