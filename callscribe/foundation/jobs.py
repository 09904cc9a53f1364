"""Work put off until later, as it travels through the `jobs` queue: one small JSON object."""

from typing import Literal

import msgspec

from callscribe.foundation.json_input import Decoder


class Job(msgspec.Struct, frozen=True, rename="camel"):
    """Something to do for a call: `finish` it, or start its `transcribe`-ing again.

    `attempt` ties a `transcribe` job to the attempt that it was queued for.
    """

    kind: Literal["finish", "transcribe"]
    call_id: str
    attempt: int = 0


_DECODER = Decoder(Job)


def write_job(job: Job) -> str:
    """Return the queue message of a job."""
    return msgspec.json.encode(job).decode()


def parse_job(body: bytes) -> Job:
    """Read a job from a queue message. Raises BadInputError."""
    return _DECODER.decode(body)
