"""Refusals: the exception that becomes an error response, and the decoding of request bodies."""

import msgspec
from aiohttp import web

from emulator.acs.results import Result
from emulator.serving import error


class ServiceError(Exception):
    """A request is refused; the response has the shape of all the service's errors."""

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after

    def response(self) -> web.Response:
        """Return the response for the client."""
        response = error(self.status, self.code, str(self))
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(self.retry_after)
        return response


def refusal(result: Result, retry_after: int | None = None) -> ServiceError:
    """Return the refusal of a request with a result of the service."""
    # The SDKs show the sub code as the code of the error, as in `(8501) Action is invalid`.
    code = str(result.sub_code)
    return ServiceError(result.code, code, result.message, retry_after=retry_after)


def invalid(message: str) -> ServiceError:
    """Return the refusal of a request whose content is wrong."""
    return ServiceError(400, "InvalidRequest", message)


def decode[T](body: bytes, shape: type[T]) -> T:
    """Decode a JSON body.

    Raises ServiceError with the path of what is wrong and what was expected there.
    """
    try:
        # Where every field has a default, clients may send no body at all.
        return msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.DecodeError as problem:
        raise invalid(str(problem)) from problem
