"""What the host and its worker process say to each other, and how it is written on their socket.

The real ones speak gRPC (FunctionRpc.proto); here each message is a length and MessagePack.
"""

import asyncio
from typing import Any

import msgspec

from emulator.functions_host.function import Function
from emulator.functions_host.messages import RpcHttp, TypedData

_LENGTH_BYTES = 4


class Loaded(msgspec.Struct, frozen=True):
    """The worker has indexed the app, or says why it could not.

    `is_fatal`: the host cannot serve this app at all, for a reason of its own.
    """

    functions: tuple[Function, ...] = ()
    problem: str | None = None
    is_fatal: bool = False


class Call(msgspec.Struct, frozen=True):
    """The request to call a function once."""

    number: int
    function_id: str
    parameter: str
    data: TypedData
    metadata: dict[str, TypedData]
    trace_parent: str


class Outcome(msgspec.Struct, frozen=True):
    """What a call has come to: a value, or the message of its exception and a stack trace."""

    number: int
    value: TypedData | None = None
    failure: str | None = None
    stack_trace: str = ""


async def read[Message](reader: asyncio.StreamReader, shape: type[Message]) -> Message | None:
    """Read the next message; None when the other side has closed, or has died."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES))
        content = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, OSError):
        return None
    return msgspec.msgpack.decode(content, type=shape, dec_hook=_restored)


def write(writer: asyncio.StreamWriter, message: Loaded | Call | Outcome) -> None:
    """Write a message."""
    content = msgspec.msgpack.encode(message, enc_hook=_parts)
    writer.writelines((len(content).to_bytes(_LENGTH_BYTES), content))


def _parts(value: object) -> object:
    if isinstance(value, TypedData):
        return value.kind, value.value
    raise NotImplementedError(f"a value of type {type(value).__name__}")


def _restored(shape: type, parts: Any) -> object:  # noqa: ANN401 (as MessagePack has it)
    if shape is not TypedData:
        raise NotImplementedError(f"a value of type {shape.__name__}")
    kind, value = parts
    if kind is None:
        return TypedData()
    if kind == "http":
        value = msgspec.convert(value, RpcHttp, dec_hook=_restored)
    return TypedData(**{kind: value})
