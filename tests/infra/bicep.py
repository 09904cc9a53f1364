"""Bicep files as plain values: literals as they are, everything else as the code that is written.

Read with tree-sitter: there is no compiler among the packages that this project installs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

INFRA = Path(__file__).parents[2] / "infra"
FILES = sorted(INFRA.rglob("*.bicep"))
_PARSER = Parser(Language(tree_sitter_bicep.language()))
_ESCAPES = {r"\'": "'", r"\\": "\\", r"\n": "\n", r"\t": "\t", r"\$": "$"}


class Code(str):
    """An expression as it is written."""

    __slots__ = ()


@dataclass(frozen=True)
class Parameter:
    """A parameter: its decorators are expressions as written."""

    type: str
    default: Any
    decorators: tuple[str, ...]


@dataclass(frozen=True)
class Declaration:
    """A resource or a module: `kind` is `type@version` or a path; a loop's items are in `each`."""

    symbol: str
    kind: str
    existing: bool
    condition: str
    each: Any
    body: dict[str, Any]

    @property
    def type(self) -> str:
        """The resource's type without its version."""
        return self.kind.partition("@")[0]

    @property
    def properties(self) -> dict[str, Any]:
        """The resource's own properties."""
        return dict(self.body.get("properties", {}))


@dataclass(frozen=True)
class File:
    """One Bicep file."""

    path: Path
    scope: str
    parameters: dict[str, Parameter]
    variables: dict[str, Any]
    resources: dict[str, Declaration]
    modules: dict[str, Declaration]
    outputs: dict[str, Any]

    def only(self, type_: str) -> Declaration:
        """Return the one resource of a type that this file makes."""
        (found,) = self.of(type_)
        return found

    def of(self, type_: str) -> list[Declaration]:
        """Return the resources of a type that this file makes."""
        made = (each for each in self.resources.values() if not each.existing)
        return [each for each in made if each.type == type_]


def parse(path: Path) -> Node:
    """Return the syntax tree of a file."""
    return _PARSER.parse(path.read_bytes()).root_node


@cache
def read(name: str) -> File:
    """Read a file of `infra/`, by its path there without `.bicep`."""
    path = INFRA / f"{name}.bicep"
    nodes = list(_declarations(parse(path)))
    return File(
        path=path,
        scope=next(
            (_value(node.named_children[0]) for node, _ in nodes if "target_scope" in node.type),
            "resourceGroup",
        ),
        parameters={_name(node): _parameter(node, before) for node, before in _kind(nodes, "para")},
        variables={_name(node): _value(node.named_children[-1]) for node, _ in _kind(nodes, "var")},
        resources={_name(node): _declaration(node) for node, _ in _kind(nodes, "resource")},
        modules={_name(node): _declaration(node) for node, _ in _kind(nodes, "module")},
        outputs={_name(node): _value(node.named_children[-1]) for node, _ in _kind(nodes, "out")},
    )


def read_all() -> dict[str, File]:
    """Read every file of `infra/`, by its name there."""
    names = [path.relative_to(INFRA).with_suffix("").as_posix() for path in FILES]
    return {name: read(name) for name in names}


def leaves(value: Any) -> Iterator[Any]:
    """Iterate over all names and values in a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def _declarations(root: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    decorators: tuple[str, ...] = ()
    for node in root.named_children:
        if node.type == "decorators":
            decorators = tuple(_text(each.named_children[0]) for each in node.named_children)
        elif node.type != "comment":
            yield node, decorators
            decorators = ()


def _kind(
    nodes: list[tuple[Node, tuple[str, ...]]], start: str
) -> list[tuple[Node, tuple[str, ...]]]:
    return [(node, before) for node, before in nodes if node.type.startswith(start)]


def _parameter(node: Node, decorators: tuple[str, ...]) -> Parameter:
    _, kind, *default = node.named_children
    return Parameter(_text(kind), _value(default[0]) if default else None, decorators)


def _declaration(node: Node) -> Declaration:
    symbol, kind, content = (each for each in node.named_children if each.type != "comment")
    condition, each = "", None
    if content.type == "for_statement":
        _, items, content = (part for part in content.named_children if part.type != "comment")
        each = _value(items)
    if content.type == "if_statement":
        test, content = content.named_children
        condition = _text(test)
    existing = any(child.type == "existing" for child in node.children)
    body = _value(content)
    return Declaration(_text(symbol), _value(kind), existing, condition, each, body)


def _value(node: Node) -> Any:
    inner = [child for child in node.named_children if child.type != "comment"]
    match node.type:
        case "object":
            return {_key(pair): _value(pair.named_children[-1]) for pair in inner}
        case "array":
            return [_value(child) for child in inner]
        case "number":
            return int(_text(node))
        case "boolean":
            return _text(node) == "true"
        case "string" if not any(child.type == "interpolation" for child in inner):
            return "".join(_ESCAPES.get(_text(child), _text(child)) for child in inner)
        case _:
            return Code(_text(node))


def _key(pair: Node) -> str:
    name = pair.named_children[0]
    return str(_value(name)) if name.type == "string" else _text(name)


def _name(node: Node) -> str:
    return _text(node.named_children[0])


def _text(node: Node) -> str:
    return (node.text or b"").decode()
