"""What every fake can be ordered to do: fail before or after its effect, hang, wait for others."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Order:
    error: BaseException | None = None
    after: bool = False
    seconds: float = 0
    barrier: asyncio.Barrier | None = None


class Orders:
    """Base of the fakes: notes each call, and does what was ordered for the next of its kind.

    While `out` is an error, every call fails with it, before its effect. A `gate` is passed before
    each effect: who holds it says which goes on, and when.
    """

    def __init__(self) -> None:
        self.log: list[tuple[str, ...]] = []
        self.out: BaseException | None = None
        self.gate: Callable[[str], Awaitable[None]] | None = None
        self._orders: dict[str, deque[_Order]] = defaultdict(deque)

    def fail(
        self,
        method: str,
        error: BaseException,
        times: int = 1,
        *,
        after: bool = False,
        seconds: float = 0,
    ) -> None:
        """Have the next calls fail: before the effect, or `after` it, as a lost reply does.

        Each takes some `seconds` until it fails.
        """
        self._orders[method] += [_Order(error, after, seconds)] * times

    def hang(self, method: str, seconds: float, times: int = 1) -> None:
        """Have the next calls wait before their effect."""
        self._orders[method] += [_Order(seconds=seconds)] * times

    def meet(self, method: str, parties: int) -> None:
        """Have the next calls wait for each other before their effect."""
        self._orders[method] += [_Order(barrier=asyncio.Barrier(parties))] * parties

    def heal(self) -> None:
        """Take back all orders."""
        self._orders.clear()

    def count(self, method: str) -> int:
        """Tell how often a method was called."""
        return sum(entry[0] == method for entry in self.log)

    @asynccontextmanager
    async def carry_out(self, method: str, *about: str) -> AsyncIterator[None]:
        """Note a call, and run its effect (the body) as ordered."""
        self.log.append((method, *about))
        if self.gate is not None:
            await self.gate(method)
        order = self._orders[method].popleft() if self._orders[method] else _Order()
        if order.barrier:
            await order.barrier.wait()
        await asyncio.sleep(order.seconds)
        if self.out is not None:
            raise self.out
        if order.error and not order.after:
            raise order.error
        yield
        if order.error:
            raise order.error
