"""From one template to one tool: convert it, trace it, and gather what is known of it.

A template with nodes that the server facts lack, or that such a server would refuse, becomes a tool without an
implementation: it says which ComfyUI it needs, and never runs as something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import Any

from base.errors import Problem
from tools import gaps
from tools.convert.conversion import convert
from tools.graph import Graph
from tools.importer.settling import settled
from tools.importer.tracing import Traced, trace
from tools.model import Implementation, ModelFile, Parameter, Port, Source, SourceKind, Tool
from tools.nodes import ObjectInfo
from tools.templates import glance, nodes, words
from tools.templates.bases import base_of
from tools.templates.costs import cost_of
from tools.templates.families import Facts, families, family_of
from tools.templates.package import PACKAGE, Template
from tools.templates.vram import needed_gb
from tools.templates.weights import Sources, needed
from tools.validation.validating import validate

MOST_USED = 25_000  # uses that count as 1.0; the most used template has some 22,000
BROKEN = "broken: "  # begins the fault of a template that no newer server would mend
_SAMPLES = ("sampler", "guider", "generate")


@dataclass(frozen=True)
class Known:
    """What all templates together tell, and the server facts that they are held against."""

    version: str
    """Of the package."""
    sources: Sources = field(repr=False)
    info: ObjectInfo = field(repr=False)
    server: str
    """Which ComfyUI the facts are of."""


@dataclass(frozen=True)
class Made:
    """A tool, and why it has no implementation, in words for a developer."""

    tool: Tool
    fault: str | None = None

    @property
    def broken(self) -> bool:
        """No newer server would help: the template itself does not hold together."""
        return (self.fault or "").startswith(BROKEN)


@dataclass(frozen=True)
class Body:
    """What the graph tells."""

    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    params: Mapping[str, Parameter]
    derive: str | None = None
    graph: Mapping[str, Mapping[str, Any]] | None = field(default=None, repr=False)
    saves: Mapping[str, str] = field(default_factory=dict)
    loose: tuple[tuple[str, str], ...] = ()
    generative: bool | None = None


def make(template: Template, known: Known) -> Made:
    """Never raises for what a template holds: what cannot be made says why."""
    body, fault = _body(template, known)
    return Made(put_together(template, body, known, fault), fault)


def put_together(template: Template, body: Body, known: Known, fault: str | None = None) -> Tool:
    """The tool that such a graph is, with all that is known of it."""
    facts = _facts(template, body)
    kind, family = facts.makes, family_of(facts)
    models = needed(template, body.graph, known.sources, body.saves.values())
    vram = needed_gb(models, kind)
    base, samples = base_of(models), _samples(template, body)
    return Tool(
        name=words.tool_name(template.name),
        title=words.title_of(template),
        description=words.description_of(template, family, body.inputs, body.outputs, "prompt" in body.params),
        family=family,
        tags=words.tags_of(template, family),
        inputs=dict(body.inputs), outputs=dict(body.outputs), params=dict(body.params),
        implementations=_implementations(body, models, known.server),
        derive=body.derive,
        cost=cost_of(models, kind, body.params, vram, samples),
        generative=samples,
        source=Source(
            kind=SourceKind.TEMPLATE, name=template.name, package=PACKAGE, version=known.version, digest=template.digest
        ),
        group=_group(template, family, base, body), base=base, vram_gb=vram,
        min_comfyui=_oldest(template, fault, known.server),
        popularity=popularity(template.entry.get("usage") or 0),
    )  # fmt: skip


def _oldest(template: Template, fault: str | None, server: str) -> str | None:
    """As the package says; unknown where it names a version that was tried and does not do."""
    named = template.entry.get("minComfyUIVersion") or template.task.get("minComfyUIVersion")
    return None if fault is not None and not gaps.older(server, named) else named


def popularity(usage: int) -> float:
    """0 to 1 on a logarithmic scale: 150 uses are half of 25,000."""
    return round(min(1.0, log1p(max(0, usage)) / log1p(MOST_USED)), 3)


def _body(template: Template, known: Known) -> tuple[Body, str | None]:
    try:
        conversion = convert(template.ui, known.info)
    except Problem as problem:
        return _glanced(template), f"{BROKEN}{problem.code}"
    if conversion.unknown:
        return _glanced(template), f"lacks {', '.join(sorted(set(conversion.unknown.values())))}"
    return _seen(template, conversion.graph, known)


def _seen(template: Template, graph: Graph, known: Known) -> tuple[Body, str | None]:
    """What tracing finds, unless the server would refuse the graph even without what may be left out: then it was made
    for a newer one."""
    refused = validate(settled(graph, known.info)[0], known.info)
    if refused:
        broken = BROKEN if refused[0].code == "required_input_missing" else ""
        return _glanced(template), f"{broken}refused: {refused[0]}"
    try:
        traced = trace(graph, known.info)
    except Problem as problem:
        return _glanced(template), f"{BROKEN}{problem.code}"
    return body_of(traced), None


def body_of(traced: Traced) -> Body:
    return Body(
        traced.inputs, traced.outputs, traced.params, traced.derive, traced.graph, traced.output_nodes,
        traced.loose_links, traced.generative,
    )  # fmt: skip


def _glanced(template: Template) -> Body:
    inputs, outputs = glance.ports_of(template)
    return Body(inputs, outputs, glance.params_of(template))


def _facts(template: Template, body: Body) -> Facts:
    return Facts(
        body.inputs, body.outputs, body.params, words.marks_of(template), frozenset(_classes(template, body)),
        str(template.entry["title"]),
    )  # fmt: skip


def _classes(template: Template, body: Body) -> Iterable[str]:
    if body.graph is not None:
        return {node["class_type"] for node in body.graph.values()}
    return {node["type"] for node in nodes.active(template.ui)}


def _implementations(body: Body, models: Sequence[ModelFile], server: str) -> tuple[Implementation, ...]:
    if body.graph is None:
        return ()
    graph = {key: {"class_type": node["class_type"], "inputs": node["inputs"]} for key, node in body.graph.items()}
    return (
        Implementation(
            name=f"comfyui-{server}", graph=graph, outputs=dict(body.saves), models=tuple(models), loose_links=body.loose
        ),
    )


def _samples(template: Template, body: Body) -> bool:
    """Whether something is made anew, which only real weights can do honestly."""
    if body.generative is not None:
        return body.generative
    return any(part in name.lower() for name in _classes(template, body) for part in _SAMPLES)


def _group(template: Template, family: str, base: str | None, body: Body) -> str:
    """Variants of one choice: in some families all that give the same kind, elsewhere those on one base model.

    A template that is about a LoRA, or an application made of several jobs, is a choice of its own.
    """
    kind = _facts(template, body).makes
    job = family.replace(" ", "-")
    marks = words.marks_of(template)
    if families()[family].one_choice:
        special = marks & {"normal-estimation", "albedo-estimation"}
        return f"{job}/{min(special)}" if special and "depth-estimation" not in marks else f"{job}/{kind.value}"
    if base is None or "lora" in marks or template.name.startswith("templates-") or template.name.endswith(".app"):
        return f"{job}/{words.tool_name(template.name)}"
    return f"{job}/{base}"
