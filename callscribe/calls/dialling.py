"""Which numbers the app may have ACS call, and which number they see; pure.

A key that leaked must not dial the world: without `DIAL_ALLOW` no number is called at all.
"""

from callscribe.calls.place_request import Place
from callscribe.calls.targets import is_number
from callscribe.foundation.errors import BadInputError, ForbiddenError
from callscribe.foundation.masking import masked


def shown_number(request: Place, allow: tuple[str, ...], caller_id: str | None) -> str | None:
    """Return the raw id of the number that is shown to those who are called; None for none.

    `allow` are the beginnings of numbers that may be called, `caller_id` is the number that is
    shown unless the request names one. Raises ForbiddenError for a number that may not be called,
    BadInputError where numbers would see none.
    """
    numbers = [each.raw_id for each in request.targets if is_number(each.raw_id)]
    for raw_id in numbers:
        if not raw_id.removeprefix("4:").startswith(allow or ("none",)):
            raise ForbiddenError(f"to: DIAL_ALLOW does not allow {masked(raw_id)}", "to")
    if request.on_behalf_of is not None:
        return None
    usual = None if caller_id is None else f"4:{caller_id}"
    shown = request.caller or usual
    if numbers and shown is None:
        raise BadInputError(
            "from: expected a number of the ACS resource, for numbers are called; "
            "CALLER_ID sets the usual one",
            "from",
        )
    return shown
