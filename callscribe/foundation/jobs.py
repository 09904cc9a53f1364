"""Work put off until later, as it travels through the `jobs` queue: one small JSON object."""

from typing import Literal

import msgspec

from callscribe.foundation.json_input import Decoder


class Job(msgspec.Struct, frozen=True, rename="camel"):
    """Something to do for a call: report on it (`finish`), or see what is due of it (`wake`).

    `tries` is how often that was tried before.
    """

    kind: Literal["finish", "wake"]
    call_id: str
    tries: int = 0


_DECODER = Decoder(Job)


def write_job(job: Job) -> str:
    """Return the queue message of a job."""
    return msgspec.json.encode(job).decode()


def parse_job(body: bytes) -> Job:
    """Read a job from a queue message. Raises BadInputError."""
    return _DECODER.decode(body)
