"""How much of every template a person can set: `python -m tests.tools.importer.measuring [TEMPLATE...]`.

Without names a table over all templates whose nodes the newest reference knows, and each one with something amiss; with
names, what was found in those, and where it binds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.tools.convert.comparing import templates
from tools import facts
from tools.convert.conversion import Graph, convert
from tools.errors import BadWorkflow
from tools.importer.tracing import Traced, trace
from tools.importer.wiring import Place, Wiring
from tools.model import Implementation, Tool


@dataclass
class Count:
    """How many templates, and which are not among them, with the reason."""

    title: str
    right: int = 0
    wrong: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, fault: str | None) -> None:
        if fault is None:
            self.right += 1
        else:
            self.wrong[name] = fault


newest = cache(facts.newest)


@cache
def graphs() -> Mapping[str, Graph]:
    """The API graph of every open template that the newest reference server has all nodes for."""
    info = newest()
    converted = {name: convert(ui, info).graph for name, ui in templates().items()}
    return {name: graph for name, graph in converted.items() if graph}


@cache
def traced(name: str) -> Traced | None:
    """What is found in a template; None where nothing comes out of it."""
    try:
        return trace(graphs()[name], newest())
    except BadWorkflow:
        return None


def as_tool(name: str, found: Traced) -> Tool:
    """Just enough of a tool to bind its graph."""
    core = Implementation(
        name="core", graph=found.graph, outputs=found.output_nodes, loose_links=found.loose_links
    )  # fmt: skip
    return Tool(
        name=name, title=name, description="", family="", inputs=dict(found.inputs), outputs=dict(found.outputs),
        params=dict(found.params), derive=found.derive, implementations=(core,),
    )  # fmt: skip


def places(found: Traced) -> dict[str, list[str]]:
    """`$name` -> the inputs that it is written to, as `node.input`."""
    written: dict[str, list[str]] = {}
    for node, body in found.graph.items():
        for name, value in body["inputs"].items():
            if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
                written.setdefault(value[1:], []).append(f"{node}.{name}")
    return {name: sorted(where) for name, where in sorted(written.items())}


def faults(name: str) -> list[str]:
    """What the newest reference server would refuse, for any value of any parameter; ["nothing comes out"] for a template
    that makes nothing."""
    found = traced(name)
    if found is None:
        return ["nothing comes out of it"]
    tool = as_tool(name, found)
    return facts.graph_faults(tool, tool.implementations[0], newest())


def unbound_media(found: Traced) -> list[str]:
    """Inputs that take an uploaded file and that no port is written to."""
    wiring = Wiring(found.graph, newest())
    given = [Place(node, name) for node, body in found.graph.items() for name in body["inputs"]]
    return [
        f"{place.node}.{place.input}"
        for place in given
        if (spec := wiring.spec(place)) is not None
        and any(key.endswith("_upload") and value for key, value in spec.options.items())
        and wiring.link(place) is None
        and not str(wiring.value(place)).startswith("$")
    ]


def counted() -> list[Count]:
    """The table, over all templates that convert."""
    ports, media, prompt, valid = (
        Count("all ports typed"), Count("every medium it is given bound"), Count("with words to write"),
        Count("accepted by the reference server, whatever is set"),
    )  # fmt: skip
    for name in graphs():
        found = traced(name)
        ports.add(name, None if found and found.outputs else "nothing comes out of it")
        left = unbound_media(found) if found else []
        media.add(name, ", ".join(left) or None)
        has = found is not None and {"prompt", "text"} & set(found.params)
        prompt.add(name, None if has else "has none")
        wrong = faults(name)
        valid.add(name, "; ".join(wrong[:2]) or None)
    return [ports, media, prompt, valid]


def main(names: list[str]) -> None:
    write = sys.stdout.write
    for name in names:
        found = traced(name)
        if found is not None:
            write(f"{name}: {_shown(found)}\n")
    for count in [] if names else counted():
        write(f"{count.title}: {count.right} of {count.right + len(count.wrong)}\n")
        for name, fault in count.wrong.items():
            write(f"    {name}: {fault}\n")


def _shown(found: Traced) -> dict[str, Any]:
    ports = {name: f"{port.kind.value} {port.count}" for name, port in found.inputs.items()}
    defaults = {name: "required" if p.required else p.default for name, p in found.params.items()}
    outputs = dict(found.output_nodes)
    return {
        "inputs": ports,
        "outputs": outputs,
        "params": defaults,
        "derive": found.derive,
        "at": places(found),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
