"""`up`: starts the stack, prints its parts, rings the demo call, and serves until it is stopped."""

import asyncio
import contextlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Collection, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path

from emulator.console import COMMAND, console, print_error
from emulator.errors import StackError
from emulator.part import Part
from emulator.ports import Ports
from emulator.serving import PortTakenError
from emulator.stack import Stack
from emulator.wiring import EXAMPLE, ROOT, WiringError, check_configured, subscribe

SUBSCRIBE_SECONDS = 1.0
# The exit code by which shells report a program that SIGINT has ended.
INTERRUPTED = 130
# Without it the app would wait a minute for late frames before it finishes the call's record.
DEMO_SETTINGS = {"FINISH_DELAY_SECONDS": "2"}

TITLES = {
    "azurite": "storage",
    "web-pubsub": "Azure Web PubSub",
    "acs": "Azure Communication Services, Event Grid",
    "functions": "the app",
}


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What to start, and what to do after that."""

    without: Collection[str] = ()
    demo: bool = False
    once: bool = False
    speed: float = 1
    data: Path | None = None


def run(options: UpOptions) -> int:
    """Start the stack, serve, stop it, and return the exit code."""
    try:
        return asyncio.run(_up(options))
    except (StackError, PortTakenError) as error:
        print_error(error)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED


async def _up(options: UpOptions) -> int:
    stack = _stack(options)
    with _stopping_on_signals():
        try:
            await _start(stack)
            if options.demo:
                demo = importlib.import_module("emulator.demo")
                comparison = await _while_all_run(stack, demo.run(stack.ports, options.speed))
                if options.once:
                    return 0 if comparison.complete else 1
                demo.suggest_requests(stack.ports, comparison.call_id)
            return await _serve(stack, options)
        finally:
            await _stop(stack)


def _stack(options: UpOptions) -> Stack:
    ports = Ports.from_environ(os.environ)
    own = ROOT / "local.settings.json"
    overrides = {
        name: value
        for name, value in DEMO_SETTINGS.items()
        if options.demo and name not in os.environ
    }
    return Stack(
        _home(options, ports),
        ports,
        without=options.without,
        overrides=overrides,
        settings_file=own if own.exists() else EXAMPLE,
    )


def _home(options: UpOptions, ports: Ports) -> Path:
    home = options.data or ports.home()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StackError(f"data and logs cannot be kept in {home}: {error.strerror}") from error
    return home


async def _start(stack: Stack) -> None:
    began = time.monotonic()

    def show(part: Part) -> None:
        took = f"{time.monotonic() - began:.1f} s"
        console.print(
            f"  [green]up[/]  {part.name:<11} {part.url:<23} "
            f"{TITLES[part.name]:<41} [dim]{took:>6}[/]"
        )

    console.print("[bold]Starting the stack[/]")
    with console.status("Waiting for the parts to answer"):
        await stack.start(show)
        if stack.functions in stack.parts:
            await check_configured(stack.ports)


async def _serve(stack: Stack, options: UpOptions) -> int:
    """Serve until a signal arrives, and return the exit code."""
    with contextlib.suppress(asyncio.CancelledError):
        if "functions" in options.without and stack.acs in stack.parts:
            await _while_all_run(stack, _subscribe_later(stack))
        console.print(f"\nRing a call:  {COMMAND} ring")
        console.print(f"Serving until Ctrl-C; logs are in {stack.home / 'logs'}")
        await stack.watch(_tell)
    return 0


def _tell(what: str) -> None:
    console.print(f"  [yellow]{what}[/]")


async def _subscribe_later(stack: Stack) -> None:
    """Wait for an app that is started elsewhere, and subscribe it to incoming calls."""
    console.print(f"Waiting for your app on port {stack.ports.functions}, for example: func start")
    while True:
        try:
            # Fails until the app answers Event Grid's handshake.
            await subscribe(stack.ports, os.environ.get("FUNCTIONS_KEY"))
        except WiringError:
            await asyncio.sleep(SUBSCRIBE_SECONDS)
        else:
            console.print("  [green]up[/]  your app has subscribed to incoming calls")
            return


async def _while_all_run[T](stack: Stack, work: Coroutine[None, None, T]) -> T:
    """Return the result of `work`. Raises PartFailedError as soon as a part ends before that."""
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(stack.watch(_tell))
    try:
        await asyncio.wait((task, watch), return_when=asyncio.FIRST_COMPLETED)
        if watch.done():
            watch.result()
        return await task
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _stop(stack: Stack) -> None:
    if not any(part.running for part in stack.parts):
        return
    began = time.monotonic()
    await stack.stop()
    console.print(f"[dim]Stopped in {time.monotonic() - began:.1f} s[/]")


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Turn signals that would end the program into a cancellation, so that the parts stop."""
    task = asyncio.current_task()
    if sys.platform == "win32" or task is None:
        # On Windows asyncio itself turns Ctrl-C into a cancellation.
        yield
        return
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop() -> None:
        # Stopping takes a few seconds; a second Ctrl-C must not leave processes behind.
        for number in numbers:
            loop.add_signal_handler(number, _ignore)
        task.cancel()

    for number in numbers:
        loop.add_signal_handler(number, stop)
    yield


def _ignore() -> None:
    """Ignore a second signal."""
