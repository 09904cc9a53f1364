"""A request's query, as its sender wrote it."""

from urllib.parse import parse_qsl

import azure.functions as func

from callscribe.domain.errors import BadInputError

FUNCTION_KEY = "code"
"""The host's own parameter."""


def parameters_of(req: func.HttpRequest) -> dict[str, str]:
    """Return the query's parameters, empty ones included. Raises BadInputError for one twice.

    The host joins the values of a parameter given twice, and leaves out empty ones; only the
    address still shows both.
    """
    names: set[str] = set()
    for name, _ in parse_qsl(req.url.partition("?")[2], keep_blank_values=True):
        if name in names and name in req.params:
            raise BadInputError(f"{name}: expected once")
        names.add(name)
    return {name: req.params.get(name, "") for name in names | {*req.params} - {FUNCTION_KEY}}
