"""What speakers are called, wherever a transcript is shown."""

from callscribe.calls.call import Call
from callscribe.foundation.identifiers import normal_raw_id
from callscribe.foundation.masking import masked


def speaker_name(call: Call, speaker_id: str | None) -> str:
    """Name a speaker: the caller (by display name where known), the callee, or a masked number.

    Returns `unknown` for a speaker without a raw id.
    """
    if speaker_id is None:
        return "unknown"
    speaker = normal_raw_id(speaker_id)
    if speaker == normal_raw_id(call.caller):
        return "caller" if call.caller_name is None else masked(call.caller_name)
    return "callee" if speaker == normal_raw_id(call.callee) else masked(speaker_id)
