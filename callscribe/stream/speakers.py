"""What speakers are called, wherever a transcript is shown."""

from callscribe.calls.call import Call
from callscribe.foundation.masking import masked


def speaker_name(call: Call, speaker_id: str | None) -> str:
    """Name a speaker: the caller (by display name where known), the callee, or a masked number."""
    if not speaker_id:
        return "unknown"
    if speaker_id == call.caller:
        return masked(call.caller_name) if call.caller_name else "caller"
    if speaker_id == call.callee:
        return "callee"
    return masked(speaker_id)
