"""Transcription as calls are given it."""

from callscribe.calls.call import Machine
from callscribe.calls.transcription import Operation, OperationKind, Transcribing
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH

# Nobody transcribes though it is wanted: the next start is due.
STOPPED = Machine(transcribing=Transcribing(number=1, floor=1, good=ENGLISH))
# The answer asked for it, and nothing has confirmed that.
STARTING = Machine(
    transcribing=Transcribing(number=1, out=Operation(OperationKind.START, 1, ENGLISH, START))
)
