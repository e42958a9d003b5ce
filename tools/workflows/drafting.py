"""From a workflow that a person brings to a tool, or to the reasons why it is none. Pure; nothing is kept or run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from base.errors import Problem
from tools.convert.conversion import convert
from tools.graph import Graph
from tools.importer.settling import settled
from tools.importer.tracing import Traced, hold_shape, trace
from tools.model import SourceKind, Tool
from tools.nodes import ObjectInfo
from tools.templates.making import Known, body_of, put_together
from tools.templates.package import Template
from tools.templates.weights import Sources
from tools.validation.validating import validate
from tools.workflows import safety
from tools.workflows.facts import Facts
from tools.workflows.model import Draft, Finding, Form, Level
from tools.workflows.reading import form_of, graph_of

_MOST_SHOWN = 50
TITLE_CHARS = 80


def draft(
    document: dict[str, Any], facts: Facts, sources: Sources, allowed: Collection[str] = (), *, title: str = "",
    own_facts: ObjectInfo | None = None,
) -> Draft:  # fmt: skip
    """What such a workflow would be as a tool.

    `own_facts` is what the person's own server says of nodes: it decides how stored values are read, never what is
    allowed. Raises BadWorkflow for what cannot be read at all.
    """
    form, inner = form_of(document)
    info = {**facts.info, **(own_facts or {})}
    unknown: dict[str, str] = {}
    if form is Form.UI:
        conversion = convert(inner, info)
        graph, unknown = conversion.known, dict(conversion.unknown)
    else:
        graph = graph_of(inner)
        unknown = {key: node["class_type"] for key, node in graph.items() if node["class_type"] not in info}
    graph = {key: {"class_type": node["class_type"], "inputs": node["inputs"]} for key, node in graph.items()}
    refused = _refused(graph, unknown, facts, allowed)
    if refused or unknown:
        findings = (*refused, *_absent(graph, facts))[:_MOST_SHOWN]
        return Draft(form, {} if unknown else graph, None, findings, _missing(graph, facts))
    return _understood(form, graph, info, facts, sources, title)


def _refused(
    graph: Graph, unknown: dict[str, str], facts: Facts, allowed: Collection[str]
) -> tuple[Finding, ...]:
    """Unknown nodes are refused like those that are known not to be allowed."""
    whole = {**graph, **{key: {"class_type": name, "inputs": {}} for key, name in unknown.items()}}
    found = [_error(one) for one in safety.refusals(whole, facts.info, facts.core, allowed)]
    told = {one.class_type for one in found}
    found += [
        Finding(Level.ERROR, "node_unknown", f"Nobody here knows what node {key}, {name}, takes.", key, name)
        for key, name in unknown.items()
        if name not in told
    ]
    return tuple(found)


def _understood(
    form: Form, graph: Graph, info: ObjectInfo, facts: Facts, sources: Sources, title: str
) -> Draft:
    missing = _missing(graph, facts)
    try:
        hold_shape(graph, info)
        faults = validate(settled(graph, info)[0], info)
        if faults:
            found = [Finding(Level.ERROR, fault.code, f"{fault}.", fault.node) for fault in faults]
            return Draft(form, graph, None, tuple(found[:_MOST_SHOWN]), missing)
        traced = trace(graph, info)
    except Problem as problem:
        return Draft(form, graph, None, (Finding(Level.ERROR, problem.code, problem.detail),), missing)
    open_files = safety.left_open(traced.graph, {**info, **facts.info})
    if open_files:
        return Draft(form, graph, None, tuple(_error(one) for one in open_files), missing)
    tool = _tool(traced, info, facts, sources, title)
    findings = (*_absent(graph, facts), *_files(tool), *_notes(traced, tool))
    return Draft(form, graph, tool, findings[:_MOST_SHOWN], missing, dict(traced.samples))


def _tool(traced: Traced, info: ObjectInfo, facts: Facts, sources: Sources, title: str) -> Tool:
    """Put together as the official templates are; a person's workflow is a variant of nothing."""
    known = Known("", sources, info, facts.server)
    template = Template("workflow", {"title": " ".join(title.split()) or "Workflow"}, {}, {"nodes": []})
    tool = put_together(template, body_of(traced), known)
    said = tool.title if title.strip() else _proposed(tool)
    source = tool.source.model_copy(update={"kind": SourceKind.WORKFLOW, "package": None, "version": None, "digest": None})
    return tool.model_copy(
        update={"title": said[:TITLE_CHARS], "group": None, "source": source, "min_comfyui": None, "popularity": 0.0}
    )


def _proposed(tool: Tool) -> str:
    return f"My {tool.family}{f' with {tool.base}' if tool.base else ''}"


def _missing(graph: Graph, facts: Facts) -> tuple[str, ...]:
    return facts.absent(node["class_type"] for node in graph.values())


def _absent(graph: Graph, facts: Facts) -> Iterator[Finding]:
    for name in _missing(graph, facts):
        since = facts.since.get(name)
        where = f"; ComfyUI {since} has it" if since else ""
        yield Finding(Level.WARNING, "node_missing", f"No server here has {name}{where}.", None, name)


def _files(tool: Tool) -> Iterator[Finding]:
    for model in tool.implementations[0].models:
        if model.url is None:
            message = f"Nobody knows where {model.folder}/{model.file} comes from; a server must have it already."
            yield Finding(Level.WARNING, "model_source_unknown", message)
        elif model.gated:
            yield Finding(Level.WARNING, "model_gated", f"The source of {model.file} asks for an account.")


def _notes(traced: Traced, tool: Tool) -> Iterator[Finding]:
    yield from (Finding(Level.NOTE, "not_settable", note) for note in traced.notes)
    if tool.vram_gb is not None:
        size = sum(model.bytes or 0 for model in tool.implementations[0].models) / 1e9
        yield Finding(Level.NOTE, "needs", f"It needs a GPU of about {tool.vram_gb:g} GB and {size:.3g} GB of models.")


def _error(refusal: safety.Refusal) -> Finding:
    return Finding(Level.ERROR, refusal.code, refusal.message, refusal.node, refusal.class_type)
