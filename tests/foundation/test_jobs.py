import pytest

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.jobs import Job, parse_job, write_job
from callscribe.foundation.moments import Ms

CALL = new_call_id(Ms(0), "call")


@pytest.mark.parametrize("job", [Job("finish", CALL), Job("wake", CALL, tries=3)])
def test_a_job_survives_the_queue(job: Job) -> None:
    assert parse_job(write_job(job).encode()) == job


def test_the_message_is_plain_json() -> None:
    message = f'{{"kind":"finish","callId":"{CALL}","tries":0}}'
    assert write_job(Job("finish", CALL)) == message


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"kind":"dance","callId":"a"}', b'{"kind":"finish"}']
)
def test_anything_else_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInputError):
        parse_job(body)
