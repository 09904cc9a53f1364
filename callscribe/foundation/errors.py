"""Everything that can go wrong, as one tree; each class says its HTTP status and whether to retry.

CallscribeError                500  no
├── BadInputError              400  no     the sender's mistake; names the field
├── UnauthorizedError          401  no     no proof, or a wrong one
├── NotFoundError              404  no     no such call
├── NotAcceptableError         406  no     there is no form of it that the asker takes
├── NotBuiltError              501  no     the route exists, what it does does not yet
├── StorageRefusedError        500  no     storage will never take this row
├── TelephonyRefusedError      502  no     ACS said no (4xx)
└── UnavailableError           503  yes    somebody else's trouble that may pass
    ├── StorageUnavailableError
    ├── KeysUnavailableError           signing keys cannot be had, or not again so soon
    ├── TelephonyUnavailableError      ACS: 429, 5xx, no answer
    ├── ConflictError                  somebody else changed the row first
    ├── StillAnsweringError            another delivery of the event is at work
    └── NotConfiguredError             a setting, or host.json, keeps the app from working
"""

from callscribe.foundation.moments import Seconds


class CallscribeError(Exception):
    """Root of the tree. `code` is the machine-readable name in the one error shape."""

    status = 500
    code = "internal"


class BadInputError(CallscribeError):
    """What was sent cannot be understood; the message names the field and what was expected."""

    status = 400
    code = "badInput"


class UnauthorizedError(CallscribeError):
    """The proof is missing or wrong. The message never says which check failed to the sender."""

    status = 401
    code = "unauthorized"


class NotFoundError(CallscribeError):
    """There is no such call, or it is not the sender's to touch."""

    status = 404
    code = "notFound"


class NotAcceptableError(CallscribeError):
    """What is there has no form of a media type that the asker accepts."""

    status = 406
    code = "notAcceptable"


class NotBuiltError(CallscribeError):
    """The route is reserved; what it will do does not exist yet."""

    status = 501
    code = "notBuilt"


class StorageRefusedError(CallscribeError):
    """Storage answered 400: this row can never be written as it is."""

    code = "storageRefused"


class TelephonyRefusedError(CallscribeError):
    """ACS answered 4xx. `http_status` is its status, `sub_code` its error code where numeric."""

    status = 502
    code = "telephonyRefused"

    def __init__(self, message: str, *, http_status: int, sub_code: int | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.sub_code = sub_code


class UnavailableError(CallscribeError):
    """Trouble that may pass: the sender may try again.

    `retry_after` is how many seconds whoever answered wants to be left alone, where it said so.
    """

    status = 503
    code = "unavailable"
    retry_after: Seconds | None = None


class StorageUnavailableError(UnavailableError):
    """Storage did not answer, or answered that it cannot now."""


class KeysUnavailableError(UnavailableError):
    """The issuer's signing keys cannot be had at the moment."""


class TelephonyUnavailableError(UnavailableError):
    """ACS did not answer, or answered 429 or 5xx."""

    def __init__(
        self, message: str, *, http_status: int | None = None, retry_after: Seconds | None = None
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.retry_after = retry_after


class ConflictError(UnavailableError):
    """The row was created or changed by somebody else in the meantime."""


class StillAnsweringError(UnavailableError):
    """Another delivery of this event holds the lease; ask to be delivered again."""


class NotConfiguredError(UnavailableError):
    """The app cannot work as it is configured; it may once somebody has mended that.

    `problems` has one line for each thing that is wrong: its name, a colon, and what was expected.
    No line holds a value, for some settings are secrets. The message has the names alone.
    """

    code = "notConfigured"

    def __init__(self, problems: list[str]) -> None:
        names = ", ".join(dict.fromkeys(problem.partition(":")[0] for problem in problems))
        super().__init__(f"the app is not configured; wrong or missing: {names}")
        self.problems = problems
