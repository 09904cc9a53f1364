"""What the Bicep compiler made of `infra/`: its templates, and what it predicts that they make.

`scripts/compile-templates.sh` writes both. No compiler is needed to read them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

INFRA = Path(__file__).parents[2] / "infra"
SNAPSHOTS = Path(__file__).parent / "snapshots"
# Sets of parameters: six of main.bicep, two of wiring.bicep.
MAIN = ("plain", "existing-acs", "existing-topic", "everything", "ticket", "smallest")
WIRING = ("wiring", "wiring-ticket")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a compiled template; without a default it must be given."""

    body: dict[str, Any]

    @property
    def default(self) -> Any:
        """Its default, or None."""
        return self.body.get("defaultValue")


@dataclass(frozen=True)
class Template:
    """A compiled template, as Azure Resource Manager is given it."""

    body: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Its parameters by name."""
        return {name: Parameter(body) for name, body in self.body["parameters"].items()}

    @property
    def outputs(self) -> dict[str, Any]:
        """Its outputs by name."""
        return {name: output["value"] for name, output in self.body.get("outputs", {}).items()}

    @property
    def modules(self) -> dict[str, "Template"]:
        """The templates of its modules, by symbol."""
        return {
            symbol: Template(resource["properties"]["template"])
            for symbol, resource in self.body["resources"].items()
            if resource["type"] == "Microsoft.Resources/deployments"
        }


@dataclass(frozen=True)
class Resource:
    """A resource as it would be asked for; what only Azure knows is an expression in brackets."""

    body: dict[str, Any]

    @property
    def type(self) -> str:
        """Its type, without its version."""
        return str(self.body["type"])

    @property
    def name(self) -> str:
        """Its own name, without those of its parents."""
        return str(self.body["name"]).rpartition("/")[2]

    @property
    def id(self) -> str:
        """Its resource id."""
        return str(self.body["id"])

    @property
    def properties(self) -> dict[str, Any]:
        """Its own properties."""
        return dict(self.body.get("properties", {}))


@dataclass(frozen=True)
class Prediction:
    """What a template makes of one set of parameters."""

    resources: tuple[Resource, ...]
    outputs: dict[str, str]

    def of(self, type_: str) -> list[Resource]:
        """Return the resources of a type, in the template's order."""
        return [each for each in self.resources if each.type == type_]

    def only(self, type_: str) -> Resource:
        """Return the one resource of a type."""
        (found,) = self.of(type_)
        return found


@cache
def read(name: str) -> Template:
    """Read a compiled template, `main` or `wiring`."""
    return Template(json.loads((INFRA / f"{name}.json").read_text(encoding="utf-8")))


@cache
def predicted(name: str) -> Prediction:
    """Read what is predicted for a set of parameters, by its file's name in `snapshots/`."""
    found = json.loads((SNAPSHOTS / f"{name}.snapshot.json").read_text(encoding="utf-8"))
    resources = tuple(Resource(body) for body in found["predictedResources"])
    return Prediction(resources, found["outputs"])


def settings_of(name: str) -> dict[str, str]:
    """Return the app's settings for a set of parameters."""
    return dict(predicted(name).only("Microsoft.Web/sites/config").properties)


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
