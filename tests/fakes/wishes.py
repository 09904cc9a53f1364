"""What is wanted of a call's transcription, where a test does not care about more."""

from callscribe.calls.wish import Language, Wish
from tests.fakes.clock import START

ENGLISH = Language("en-US")
GERMAN = Language("de-DE")
ON = Wish(on=True, language=ENGLISH, at=START)
OFF = Wish(on=False, language=ENGLISH, at=START)
