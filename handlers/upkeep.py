"""The queue's and the timer's ways in: work put off until later, and the watch over calls."""

import azure.functions as func

from callscribe.bootstrap import problems, worker
from callscribe.foundation import log
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.jobs import parse_job

blueprint = func.Blueprint()


@blueprint.queue_trigger(arg_name="msg", queue_name="jobs", connection="TranscriptStorage")
async def run_job(msg: func.QueueMessage) -> None:
    """Run one job; one that cannot be read is logged and acknowledged.

    Raises NotConfiguredError where the app is not configured: the host calls again then.
    """
    runner = worker().runner
    try:
        job = parse_job(msg.get_body())
    except BadInputError as error:
        log.warning("jobUnreadable", problem=str(error))
        return
    try:
        await runner.run(job)
    except Exception:
        # After five attempts the host puts the message into `jobs-poison`.
        log.error("jobFailed", job.call_id, kind=job.kind, attempt=msg.dequeue_count)
        raise


@blueprint.timer_trigger(arg_name="timer", schedule="*/15 * * * * *")
async def reconcile(timer: func.TimerRequest) -> None:  # noqa: ARG001 - only that it is time counts
    """Look at the calls that are due, every 15 seconds.

    Where the app is not configured that is logged instead, so that somebody sees it.
    """
    if wrong := problems():
        log.error("notConfigured", problems=wrong)
        return
    await worker().watch.reconcile()


@blueprint.timer_trigger(arg_name="timer", schedule="0 41 3 * * *")
async def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001 - only that it is time counts
    """Find calls that nobody looks after, and forget old requests, once a day at 03:41 UTC."""
    if not problems():
        await worker().sweep.sweep()
        await worker().repeating.sweep()
