"""A call, its report and its timeline as the API's JSON."""

import math
from collections.abc import Mapping

from callscribe.calls.call import Call, Report
from callscribe.calls.call_columns import CALL_COLUMNS, OF_REPORT, unreported_columns
from callscribe.foundation.columns import Columns, Value
from callscribe.foundation.json_input import Json

_SHOWN = {each.name: each.shown for each in CALL_COLUMNS if each.shown}


def state_json(call: Call) -> Json:
    """Return the live feed's message about how a call stands."""
    return {"type": "state", "state": call.state, "transcription": call.transcription}


def call_json(call: Call) -> Json:
    """Return a call as the API shows it: its row, without what is not known or the app's own."""
    shown = _shown(unreported_columns(call))
    return shown | {"labels": list(call.labels)} if call.labels else shown


def report_json(report: Report) -> Json:
    """Return the completeness report as the API shows it."""
    return _shown(OF_REPORT.write(report))


def row_json(columns: Mapping[str, Value]) -> Json:
    """Return a row of the timeline with its columns' names in camelCase.

    Columns that another hand added are shown, but for those that JSON has no form for.
    """
    return {name[0].lower() + name[1:]: value for name, value in columns.items() if _is_json(value)}


def _shown(columns: Columns) -> Json:
    return {_SHOWN[name]: value for name, value in columns.items() if name in _SHOWN}


def _is_json(value: Value) -> bool:
    return math.isfinite(value) if isinstance(value, float) else not isinstance(value, bytes)
