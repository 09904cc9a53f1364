"""A request's query, as its sender wrote it."""

import azure.functions as func

from callscribe.transcripts.parameters import given_once

FUNCTION_KEY = "code"
"""The host's own parameter."""


def parameters_of(req: func.HttpRequest) -> dict[str, str]:
    """Return the query's parameters, empty ones included. Raises BadInputError for one twice."""
    given = given_once(req.url.partition("?")[2], req.params)
    return {name: value for name, value in given.items() if name != FUNCTION_KEY}
