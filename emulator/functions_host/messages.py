"""Replacements for the protobuf messages between host and worker: the same names and fields.

The runtime needs no protobuf: it reads attributes and calls `WhichOneof`. So these are plain
classes, and nothing is serialised. Names and numbers are those of the protocol:
https://github.com/Azure/azure-functions-language-worker-protobuf/blob/dev/src/proto/FunctionRpc.proto
"""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar


class TypedData:
    """A value of one of several kinds; the keyword names the kind: `TypedData(json="{}")`."""

    def __init__(self, **content: object) -> None:
        self.kind: str | None = None
        self.value: object = None
        for self.kind, self.value in content.items():
            setattr(self, self.kind, self.value)

    def which_oneof(self, group: str) -> str | None:
        """Return the name of the field that is set; there is only one group."""
        del group
        return self.kind

    WhichOneof = which_oneof


@dataclass(slots=True)
class ParameterBinding:
    """The value for, or from, one parameter of a function."""

    name: str
    data: TypedData

    def which_oneof(self, group: str) -> str:
        """Return the name of the field that is set; shared memory is not used here."""
        del group
        return "data"

    WhichOneof = which_oneof


@dataclass(slots=True)
class Timestamp:
    """Seconds since 1970."""

    seconds: int


@dataclass(slots=True)
class Nullable[Value]:
    """A value that is set; a field without a value is None."""

    value: Value


NullableString = Nullable[str]
NullableBool = Nullable[bool]
NullableDouble = Nullable[float]
NullableTimestamp = Nullable[Timestamp]


@dataclass(slots=True, kw_only=True)
class RpcHttpCookie:
    """A cookie that a function sets."""

    SameSite: ClassVar = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})

    name: str
    value: str
    domain: NullableString | None = None
    path: NullableString | None = None
    expires: NullableTimestamp | None = None
    secure: NullableBool | None = None
    http_only: NullableBool | None = None
    same_site: int = 0
    max_age: NullableDouble | None = None


@dataclass(slots=True, kw_only=True)
class RpcHttp:
    """An HTTP request or response."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: TypedData
    params: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    status_code: str = ""
    cookies: list[RpcHttpCookie] | None = None
    enable_content_negotiation: bool = False


@dataclass(slots=True)
class RpcTraceContext:
    """The W3C trace that an invocation belongs to."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RetryContext:
    """The number of the retry; this host has no retry policies, so it is always 0."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: None = None


@dataclass(slots=True, kw_only=True)
class InvocationRequest:
    """The request to call a function once."""

    invocation_id: str
    function_id: str
    input_data: list[ParameterBinding]
    trigger_metadata: dict[str, TypedData]
    trace_context: RpcTraceContext
    retry_context: RetryContext = field(default_factory=RetryContext)


@dataclass(slots=True)
class RpcException:
    """An exception of the app."""

    message: str = ""
    stack_trace: str = ""


@dataclass(slots=True)
class StatusResult:
    """Whether the worker has done what was requested."""

    Failure: ClassVar[int] = 0
    Success: ClassVar[int] = 1

    status: int
    exception: RpcException | None = None


@dataclass(slots=True, kw_only=True)
class InvocationResponse:
    """The result of one call of a function."""

    invocation_id: str
    result: StatusResult
    return_value: TypedData | None = None
    output_data: list[ParameterBinding] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class WorkerInitRequest:
    """The request to load the app."""

    capabilities: dict[str, str]
    function_app_directory: str


@dataclass(slots=True, kw_only=True)
class WorkerMetadata:
    """The worker's description of itself."""

    runtime_name: str
    runtime_version: str
    worker_version: str
    worker_bitness: str
    custom_properties: dict[str, str]


@dataclass(slots=True, kw_only=True)
class WorkerInitResponse:
    """Whether the app has been loaded."""

    capabilities: dict[str, str]
    worker_metadata: WorkerMetadata
    result: StatusResult


@dataclass(slots=True, kw_only=True)
class BindingInfo:
    """A binding as the runtime reads it; directions and data types are numbers."""

    out: ClassVar[int] = 1
    inout: ClassVar[int] = 2
    undefined: ClassVar[int] = 0

    type: str
    data_type: int | None
    direction: int


@dataclass(slots=True, kw_only=True)
class RpcRetryOptions:
    """A retry policy that the app declares."""

    max_retry_count: int
    retry_strategy: str
    delay_interval: timedelta | None = None
    minimum_interval: timedelta | None = None
    maximum_interval: timedelta | None = None


@dataclass(slots=True, kw_only=True)
class RpcFunctionMetadata:
    """A function as the runtime has indexed it; `raw_bindings` has a JSON text per binding."""

    name: str
    function_id: str
    directory: str
    script_file: str
    entry_point: str
    language: str
    managed_dependency_enabled: bool
    is_proxy: bool
    bindings: dict[str, BindingInfo]
    raw_bindings: list[str]
    retry_options: RpcRetryOptions | None
    properties: dict[str, str]


@dataclass(slots=True, kw_only=True)
class FunctionMetadataResponse:
    """All functions of the app; none when there is no app."""

    use_default_metadata_indexing: bool
    function_metadata_results: list[RpcFunctionMetadata] | None
    result: StatusResult


def streaming_message(
    properties: dict[str, Any] | None = None, **content: object
) -> SimpleNamespace:
    """Wrap a message as it would arrive on the stream between host and worker."""
    return SimpleNamespace(request=SimpleNamespace(**content), properties=properties or {})
