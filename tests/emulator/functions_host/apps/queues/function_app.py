"""A queue and a timer; the message says what happens."""

import asyncio
import json
import logging
import os
import time
from pathlib import Path

import azure.functions as func
from azure.functions.timer import TimerRequest

logging.getLogger("azure").setLevel(logging.INFO)

app = func.FunctionApp()


def note(what: str, **details: object) -> None:
    """Append one line to the file that the tests read."""
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps({"what": what, **details}) + "\n")


async def released(name: str) -> None:
    """Wait until the test lets go on what it holds back under this name."""
    file = Path(os.environ["JOURNAL"]).with_name(f"release-{name}")
    while True:
        if file.exists():
            return
        await asyncio.sleep(0.01)


@app.queue_trigger(arg_name="message", queue_name="%QUEUE%", connection="Storage")
async def work(message: func.QueueMessage) -> None:
    """Do what the message says: `fail`, `die`, `sleep 1.5`, `hold name`, or nothing."""
    order = message.get_body().decode()
    note(
        "work",
        order=order,
        id=message.id,
        count=message.dequeue_count,
        receipt=message.pop_receipt,
        inserted=str(message.insertion_time),
        expires=str(message.expiration_time),
        visible=str(message.time_next_visible),
    )
    if order == "fail":
        raise RuntimeError("asked to fail")
    if order == "die":
        os._exit(1)
    if order.startswith("sleep"):
        await asyncio.sleep(float(order.split()[1]))
    if order.startswith("hold"):
        await released(order.split()[1])
    note("done", order=order)


@app.queue_trigger(arg_name="message", queue_name="%QUEUE%-text", connection="Storage")
def work_on_text(message: str) -> None:
    """Receive the bare text."""
    note("text", text=message)


@app.timer_trigger(arg_name="timer", schedule="%TICK%")
def tick(timer: TimerRequest) -> None:
    """Take longer than the distance between two times."""
    note("tick", at=time.time(), status=timer.schedule_status, past_due=timer.past_due)
    time.sleep(1.2)
    note("tock", at=time.time())
