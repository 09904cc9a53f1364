"""All errors as one tree; each class has its HTTP status, and says whether to retry.

CallscribeError                500  no
├── BadInputError              400  no     the sender's mistake; names the field
├── UnauthorizedError          401  no     no proof, or a wrong one
├── ForbiddenError             403  no     a setting of ours does not allow it; names the setting
├── NotFoundError              404  no     no such call
├── NotAcceptableError         406  no     it has no form in a media type that is accepted
├── IllegalStateError          409  no     it cannot be done as things stand
│   ├── CallOverError                      the call is over
│   ├── OwnedError                         another application keeps the call
│   ├── NotOwnError                        no other application keeps it
│   ├── TooManyAddressesError              its stream has eight live addresses already
│   ├── AlreadyJoinedError                 a call of ours is there
│   └── InProgressError                    the first request with this key is still at work
├── ChangedError               412  no     it is not as the request's condition wants it
├── TooLargeError              413  no     a body or a header that no sender of ours needs so long
├── OtherBodyError             422  no     the key of another request
├── TooManyError               429  yes    a limit of ours; names the setting
├── StorageRefusedError        500  no     storage will never take this row
├── TelephonyRefusedError      502  no     ACS said no (4xx)
└── UnavailableError           503  yes    another service's trouble, which may pass
    ├── StorageUnavailableError
    ├── KeysUnavailableError           signing keys cannot be fetched, or not again so soon
    ├── TelephonyUnavailableError      ACS: 429, 5xx, no answer, or another no that may pass
    ├── ConflictError                  another writer changed the row first
    ├── StillAnsweringError            another delivery of the event holds the lease
    └── NotConfiguredError             a setting, or host.json, keeps the app from working
"""

from callscribe.foundation.moments import Seconds


class CallscribeError(Exception):
    """Root of the tree. `code` is the machine-readable name in the one error shape."""

    status = 500
    code = "internal"


class BadInputError(CallscribeError):
    """What was sent cannot be understood; the message names the field and what was expected.

    `target` is the field's path, where there is one to name.
    """

    status = 400
    code = "badInput"

    def __init__(self, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.target = target


class UnauthorizedError(CallscribeError):
    """The proof is missing or wrong. The message is for the log: the sender never gets it."""

    status = 401
    code = "unauthorized"


class ForbiddenError(CallscribeError):
    """A setting of the app does not allow what was asked for; the message names the setting."""

    status = 403
    code = "notAllowed"

    def __init__(self, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.target = target


class NotFoundError(CallscribeError):
    """There is no such call, or the event that was sent belongs to another one."""

    status = 404
    code = "notFound"


class NotAcceptableError(CallscribeError):
    """The document has no form in a media type that the client accepts."""

    status = 406
    code = "notAcceptable"


class IllegalStateError(CallscribeError):
    """What was asked for cannot be done as things stand; `call_id` is the call that is meant."""

    status = 409
    code = "illegalState"

    def __init__(self, message: str, call_id: str | None = None) -> None:
        super().__init__(message)
        self.call_id = call_id


class CallOverError(IllegalStateError):
    """The call is over."""

    code = "callOver"


class OwnedError(IllegalStateError):
    """Another application keeps the call, and has to do this itself."""

    code = "ownedByYourApplication"


class NotOwnError(IllegalStateError):
    """Only of a call that another application keeps can this be asked."""

    code = "notOwn"


class TooManyAddressesError(IllegalStateError):
    """The stream of the call has as many live addresses as it may have."""

    code = "tooManyAddresses"


class AlreadyJoinedError(IllegalStateError):
    """A call of ours is there already."""

    code = "alreadyJoined"


class InProgressError(IllegalStateError):
    """The first request with the same key has not ended yet: ask again in a moment."""

    code = "inProgress"
    retry_after = Seconds(1)

    def __init__(self, call_id: str) -> None:
        super().__init__("the first request with this Idempotency-Key has not ended yet", call_id)


class OtherBodyError(CallscribeError):
    """The key was used before, for a request that says something else."""

    status = 422
    code = "otherBody"


class TooManyError(CallscribeError):
    """A limit is reached that a setting sets; the message names the setting."""

    status = 429
    code = "tooMany"
    retry_after = Seconds(10)


class ChangedError(CallscribeError):
    """It is not as the request's condition wants it, or another changed it meanwhile."""

    status = 412
    code = "changed"


class TooLargeError(CallscribeError):
    """The body or a header is longer than it can be in what is meant for the route."""

    status = 413
    code = "tooLarge"


class StorageRefusedError(CallscribeError):
    """Storage said that this row, or message, can never be written as it is."""

    code = "storageRefused"


class TelephonyRefusedError(CallscribeError):
    """ACS answered 4xx, for good.

    `http_status` is its status, `sub_code` its error code where numeric. Where it was about a call
    that was to begin, `call_id` is that call, and `remedy` says what a person can do.
    """

    status = 502
    code = "telephonyRefused"
    call_id: str | None = None
    remedy: str | None = None

    def __init__(self, message: str, *, http_status: int, sub_code: int | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.sub_code = sub_code


class UnavailableError(CallscribeError):
    """Trouble that may pass: the sender may try again.

    `retry_after` is how long the service asked to wait before the next try; None where it did not.
    """

    status = 503
    code = "unavailable"
    retry_after: Seconds | None = None


class StorageUnavailableError(UnavailableError):
    """Storage did not answer, or answered that it cannot now."""


class KeysUnavailableError(UnavailableError):
    """The issuer's signing keys cannot be fetched at the moment."""


class TelephonyUnavailableError(UnavailableError):
    """ACS did not answer, or said what may pass; `http_status` and `sub_code` then are its own."""

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        sub_code: int | None = None,
        retry_after: Seconds | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.sub_code = sub_code
        self.retry_after = retry_after


class ConflictError(UnavailableError):
    """The row was created or changed by another writer in the meantime."""


class StillAnsweringError(UnavailableError):
    """Another delivery of this event holds the lease; this one is to be delivered again."""


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
