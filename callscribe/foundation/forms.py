"""Forms of text that settings and requests share, as patterns that a whole text must match."""

GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Only locales with a region are taken:
# https://learn.microsoft.com/azure/communication-services/concepts/call-automation/real-time-transcription
# Letters are written out: where case does not count, Python also takes two that are not ASCII.
LOCALE = r"[a-zA-Z]{2,3}(?:-[a-zA-Z]{4})?-(?:[a-zA-Z]{2}|[0-9]{3})(?:-[a-zA-Z]+)*"
