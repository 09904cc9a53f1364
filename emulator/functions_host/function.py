"""A function of the app, as the runtime has indexed it."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TRIGGERS = ("httpTrigger", "eventGridTrigger", "queueTrigger", "timerTrigger")


@dataclass(frozen=True)
class Function:
    """A function of the app, with its bindings as the app declares them."""

    name: str
    function_id: str
    bindings: tuple[dict[str, Any], ...]

    @functools.cached_property
    def trigger(self) -> Mapping[str, Any]:
        """The binding that calls the function."""
        return next(binding for binding in self.bindings if binding["type"] in TRIGGERS)

    @property
    def kind(self) -> str:
        """The trigger's type, such as `httpTrigger`."""
        return str(self.trigger["type"])
