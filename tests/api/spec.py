"""docs/openapi.yaml, read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from callscribe.foundation.errors import CallscribeError
from tests.docs.markdown import ROOT

OPENAPI = ROOT / "docs" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, as it is described."""

    method: str
    path: str
    described: Json
    common: tuple[Json, ...]

    @property
    def id(self) -> str:
        return str(self.described["operationId"])

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def wants_key(self) -> bool:
        """Whether the host asks for a function key: unless the operation says otherwise."""
        return "security" not in self.described

    def parameters(self, place: str) -> dict[str, Json]:
        """Return the parameters in the `path`, the `query` or the `header` by name."""
        both = [*self.common, *self.described.get("parameters", [])]
        told = [resolved(parameter) for parameter in both]
        return {each["name"]: each for each in told if each["in"] == place}


@cache
def document() -> Json:
    """Return the whole description; not to be changed."""
    loaded: Json = yaml.safe_load(OPENAPI.read_text("utf-8"))
    return loaded


def operations() -> list[Operation]:
    """Return all operations that are described."""
    return list(_operations())


def resolved(node: Json) -> Json:
    """Return what a reference within the description leads to, or the node itself."""
    found: Any = document()
    for name in node.get("$ref", "").split("/")[1:]:
        found = found[name]
    return found if "$ref" in node else node


def strict(node: Any, *, whole: bool = True) -> Any:
    """Return a description in which answers may hold no field that is not described.

    Clients are told to ignore unknown fields, so that the description itself does not forbid them.
    `whole` is False for a part of an object: only the whole knows all fields.
    """
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {name: strict(value) for name, value in node.items()}
    if "allOf" in node:
        copy["allOf"] = [strict(each, whole=False) for each in node["allOf"]]
    if "requestBody" in node:
        copy["requestBody"] = node["requestBody"]
    refers = str(node.get("$ref", "")).startswith("#/components/schemas/")
    if whole and (refers or node.get("type") == "object"):
        copy["unevaluatedProperties"] = False
    return copy


def strict_document() -> Json:
    """Return the description made strict where schemas are used, not where they are defined."""
    components = document()["components"]
    made: Json = strict(document())
    made["components"]["schemas"] = {
        name: strict(schema, whole=False) for name, schema in components["schemas"].items()
    }
    return made


def kinds_of(error: type[CallscribeError]) -> set[type[CallscribeError]]:
    """Return a class of errors and all below it."""
    return {error}.union(*(kinds_of(each) for each in error.__subclasses__()))


def _operations() -> Iterator[Operation]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                common = tuple(item.get("parameters", ()))
                yield Operation(method.upper(), path, item[method], common)
