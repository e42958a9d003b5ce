"""`stationthis tools`: look at the catalogue from a terminal. Only `search` needs a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from base.printing import print_json, print_table
from tools.availability import availability
from tools.convert.command import convert_command
from tools.errors import BadParameter, ToolUnavailable
from tools.model import Capabilities, MediaKind, Parameter, Size, SourceKind, Tool
from tools.rules import MODEL_FOLDERS
from tools.templates.commands import import_command, pin_command

app = typer.Typer(help="List, show, search and check tools.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
_TAKES = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
STAND_IN = Size(1024, 768)  # the size of an input picture when only the graph's form is asked for


@app.command("list")
def list_tools(
    family: Annotated[str | None, typer.Option(help="Only this family.")] = None,
    takes: Annotated[MediaKind | None, typer.Option(help="Only what takes this.")] = None,
    makes: Annotated[MediaKind | None, typer.Option(help="Only what makes this.")] = None,
    source: Annotated[SourceKind | None, typer.Option(help="Only what comes from there.")] = None,
    available: Annotated[
        bool | None,
        typer.Option("--available/--unavailable", help="Only what `--server` can run; else what has a graph."),
    ] = None,
    server: Annotated[str | None, typer.Option(help="A ComfyUI server to hold them against.")] = None,
    as_json: Json = False,
) -> None:
    """All tools by family."""
    every = _tools()
    if family is not None and family not in (families := sorted({tool.family for tool in every})):
        raise BadParameter(f"There is no family {family}.", action=f"There are {', '.join(families)}.")
    found = [
        tool
        for tool in sorted(every, key=lambda tool: (tool.family, tool.name))
        if family in (None, tool.family)
        and (takes is None or any(port.kind == takes for port in tool.inputs.values()))
        and (makes is None or any(port.kind == makes for port in tool.outputs.values()))
        and source in (None, tool.source.kind)
    ]
    reasons = _reasons(found, server)
    found = [tool for tool in found if available is None or (reasons[tool.name] is None) == available]
    if as_json:
        print_json([{**_head(tool), **_more(tool, reasons[tool.name], server is not None)} for tool in found])
        return
    print_table(
        ("name", "family", "what it does"), [(t.name, t.family, t.description.split(". ")[0]) for t in found]
    )


@app.command()
def show(name: str, as_json: Json = False) -> None:
    """One tool with its parameters, models and examples."""
    from tools.registry.terms import licence_of

    tool = _tool(name)
    if as_json:
        print_json(_with_terms(tool))
        return
    typer.echo(f"{tool.title} ({tool.name})\n{tool.description}\n")
    for what, ports in (("takes", tool.inputs), ("gives", tool.outputs)):
        typer.echo(f"{what} {', '.join(f'{n} ({p.kind.value})' for n, p in ports.items()) or 'nothing'}")
    if not tool.implementations:
        typer.echo(f"cannot run yet: {availability(tool, []).reason}")
    print_table(
        ("parameter", "type", "default", "about"),
        [(n, p.type, p.default, p.description) for n, p in tool.params.items()],
    )
    for model in dict.fromkeys(m for i in tool.implementations for m in i.models):
        typer.echo(f"needs {model.folder}/{model.file} ({licence_of(model) or 'licence unknown'})")
    for example in tool.examples:
        typer.echo(f'say "{example.text}"')


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="Words, as a person would say them.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    queries: Annotated[
        Path | None, typer.Option(help="A file with one query a line.", exists=True, dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Rank the tools for a query by meaning and words; with --queries one array a line."""
    if queries is not None:
        lines = [line.strip() for line in queries.read_text(encoding="utf-8").splitlines() if line.strip()]
        for found in asyncio.run(_search(lines, limit)):
            typer.echo(json.dumps(found, ensure_ascii=False))
        return
    if query is None:
        raise typer.BadParameter("Give a query, or a file of them with --queries.")
    (found,) = asyncio.run(_search([query], limit))
    if as_json:
        print_json(found)
        return
    print_table(("score", "name", "title"), [(f"{f['score']:.3f}", f["name"], f["title"]) for f in found])


@app.command()
def graph(
    name: str,
    set: Annotated[list[str] | None, typer.Option(help="key=value, as often as needed.")] = None,
    as_json: Json = False,
) -> None:
    """The ComfyUI API graph of a tool with these parameters."""
    from tools.service import build_graph

    tool = _tool(name)
    params = dict(_assigned(tool, text) for text in set or [])
    for key, spec in tool.params.items():
        if spec.required and key not in params:
            params[key] = f"<{key}>"
    implementation = next((i for i in tool.implementations if i.only_params is None), None)
    if implementation is None:
        raise ToolUnavailable(availability(tool, []).reason)
    inputs = {port: [f"<{port}>.png"] for port in tool.inputs}
    anything = Capabilities(
        frozenset(), {folder: frozenset({f"<{name}>"}) for name, folder in MODEL_FOLDERS.items()}
    )
    bound = build_graph(
        tool, implementation, params, inputs, dict.fromkeys(tool.inputs, STAND_IN), anything, tool.name
    )
    print_json(bound.graph)


@app.command()
def check(
    server: Annotated[
        str | None, typer.Option(help="A ComfyUI server; the reference facts when left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the table there: .json, else Markdown.", dir_okay=False)] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where nodes are absent, too.")] = False,
    as_json: Json = False,
) -> None:
    """Hold every graph against an `/object_info`.

    Exit 0: no graph has a fault. Exit 1: one does not fit. That a server lacks nodes of a graph (absent) is no fault,
    unless --strict says so.
    """
    from tools import compatibility, facts

    sources = facts.reference() if server is None else {server: facts.from_server(server)}
    rows = compatibility.rows(_tools(), sources)
    if out is not None:
        text = json.dumps(rows, indent=1) + "\n" if out.suffix == ".json" else compatibility.markdown(rows)
        out.write_text(text, encoding="utf-8")
    if as_json:
        print_json(rows)
    else:
        columns = ("server", "tool", "implementation", "verdict")
        print_table(columns, [tuple(row[column] for column in columns) for row in rows])
    wrong = any(row["faults"] or (strict and row["verdict"].startswith(facts.ABSENT)) for row in rows)
    raise typer.Exit(1 if wrong else 0)


for command, name in ((convert_command, "convert"), (import_command, "import"), (pin_command, "pin")):
    app.command(name)(command)


async def _search(queries: list[str], limit: int) -> list[list[dict[str, Any]]]:
    from base.settings import load_settings
    from tools.embedding import MiniLmEncoder
    from tools.index import ToolIndex
    from tools.service import ToolCatalogue, all_tools

    settings, encoder = load_settings(), MiniLmEncoder()
    catalogue = ToolCatalogue(
        all_tools(settings.data / "cache"), ToolIndex(encoder, settings.data / "cache", settings.qdrant_url)
    )
    try:
        await catalogue.prepare()
        answers = []
        for query in queries:
            found = await catalogue.search(query, [], limit)
            answers.append([{**_head(f.tool), "score": round(f.score, 4), "variants": list(f.variants)} for f in found])
        return answers
    finally:
        encoder.close()


def _tools() -> list[Tool]:
    """All that are shown: what stands behind another tool has only its name."""
    return [tool for tool in _every_tool() if tool.behind is None]


def _every_tool() -> tuple[Tool, ...]:
    from base.settings import load_settings
    from tools.service import all_tools

    return all_tools(load_settings().data / "cache")


def _tool(name: str) -> Tool:
    from tools.errors import ToolNotFound

    found = next((tool for tool in _every_tool() if tool.name == name), None)
    if found is None:
        raise ToolNotFound(f"There is no tool {name}.", action="See `stationthis tools list`.")
    return found


def _reasons(tools: Sequence[Tool], server: str | None) -> dict[str, str | None]:
    """Why each cannot run: on this server, else at all, for want of a graph; None when it can."""
    if server is None:
        return {t.name: None if t.implementations else availability(t, []).reason for t in tools}
    from tools import compatibility, facts

    folders = {model.folder for tool in tools for each in tool.implementations for model in each.models}
    instance = compatibility.capabilities(facts.from_server(server), folders)
    found = {tool.name: availability(tool, [instance]) for tool in tools}
    return {name: None if each.available else each.reason for name, each in found.items()}


def _more(tool: Tool, reason: str | None, asked: bool) -> dict[str, Any]:
    """`available` stands there only where a server was asked."""
    known = {"available": reason is None} if asked else {}
    return {
        "description": tool.description, "source": tool.source.kind.value, "group": tool.group, "base": tool.base,
        "inputs": {name: port.kind.value for name, port in tool.inputs.items()},
        "outputs": {name: port.kind.value for name, port in tool.outputs.items()},
        "vram_gb": tool.vram_gb, "has_graph": bool(tool.implementations), **known, "reason": reason,
    }  # fmt: skip


def _with_terms(tool: Tool) -> dict[str, Any]:
    """The tool, each of its files with the licence that the registry knows."""
    from tools.registry.terms import licence_of

    whole = tool.model_dump(mode="json")
    for way, shown in zip(tool.implementations, whole["implementations"], strict=True):
        for file, entry in zip(way.models, shown["models"], strict=True):
            entry["licence"] = licence_of(file)
    return whole


def _head(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "title": tool.title, "family": tool.family, "tags": list(tool.tags)}


def _assigned(tool: Tool, text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise BadParameter(f"What is set is written key=value, as in `--set {key}=...`.")
    spec = tool.params.get(key)
    if spec is None:
        raise BadParameter(
            f"{tool.title} has no parameter {key}.", action=f"See `stationthis tools show {tool.name}`."
        )
    return key, _parsed(key, spec, value)


def _parsed(key: str, spec: Parameter, value: str) -> Any:
    if spec.type in ("string", "choice", "model"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise BadParameter(f"{key} takes {_TAKES[spec.type]}.") from None
