"""`stationthis workflows`. Light to import: what talks is imported when it talks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from base.printing import print_json
from base.settings import load_settings

if TYPE_CHECKING:
    from bots.terminal.workflows import WorkflowBox

app = typer.Typer(help="ComfyUI workflows of your own, as tools.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
Name = Annotated[str, typer.Argument(help="Its title, its id, or its name as a tool.")]
Title = Annotated[str, typer.Option("--name", help="What it shall be called; a proposal if left out.")]


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="Workflow JSON (as saved, or in API format), or a picture or film that ComfyUI made.")
    ],
    name: Title = "",
    description: Annotated[str | None, typer.Option(help="What it is for, in your words.")] = None,
    object_info: Annotated[Path | None, typer.Option(help="What `/object_info` of your own ComfyUI answers.")] = None,
    server: Annotated[str | None, typer.Option(help="Your own ComfyUI, to be asked for it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look; keep nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a workflow as a private tool (exit code 0 kept, 1 refused)."""
    from bots.terminal.workflows import facts_of

    async def work(box: WorkflowBox) -> tuple[dict[str, Any], dict[str, Any] | None]:
        facts = await facts_of(object_info, server)
        draft = await box.draft(file, name, facts)
        keeps = draft["keepable"] and not dry_run
        return draft, await box.keep(draft, name, description, facts) if keeps else None

    draft, workflow = _with_box(work)
    shown = {key: value for key, value in draft.items() if key != "workflow"}
    if as_json:
        print_json(shown if workflow is None else {**workflow, "findings": draft["findings"]})
    else:
        for finding in draft["findings"]:
            typer.echo(f"{finding['level']}: {finding['message']}", err=finding["level"] == "error")
        _tell(workflow or shown)
    if not draft["keepable"]:
        raise typer.Exit(1)


@app.command("list")
def list_workflows(as_json: Json = False) -> None:
    """All your workflows, the newest first."""
    found = _with_box(lambda box: box.all())
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(f"{each['title']}  ({each['name']}, version {each['version']}, {each['visibility']})")
    if not found:
        typer.echo("None yet. Add one: stationthis workflows add FILE --name ...")


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """One workflow: what it takes, gives and needs."""
    workflow = _with_box(lambda box: box.find(name))
    if as_json:
        print_json(workflow)
    else:
        _tell(workflow)


@app.command()
def rename(name: Name, title: Annotated[str, typer.Argument(help="Its new title.")], as_json: Json = False) -> None:
    """Another title, as a new version."""
    workflow = _with_box(lambda box: box.change(name, {"title": title}))
    if as_json:
        print_json(workflow)
    else:
        _tell(workflow)


@app.command()
def change(
    name: Name,
    hide: Annotated[list[str] | None, typer.Option(help="A parameter that nobody is asked for; may be repeated.")] = None,
    rename: Annotated[list[str] | None, typer.Option(help="FOUND=NAME of a parameter; may be repeated.")] = None,
    default: Annotated[list[str] | None, typer.Option(help="FOUND=VALUE of a parameter; may be repeated.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for, in your words.")] = None,
    note: Annotated[str, typer.Option(help="What changed, for the list of versions.")] = "",
    as_json: Json = False,
) -> None:
    """Hide, rename and preset parameters, by the names under which they were found: a new version."""
    from bots.terminal.workflows import changed

    said = {"params": changed(hide or [], rename or [], default or []), "note": note}
    said |= {} if description is None else {"description": description}
    workflow = _with_box(lambda box: box.change(name, said))
    if as_json:
        print_json(workflow)
    else:
        _tell(workflow)


@app.command()
def export(name: Name, out: Annotated[Path | None, typer.Option(help="A file; stdout if left out.")] = None) -> None:
    """What you brought, as it was."""
    text = json.dumps(_with_box(lambda box: box.export(name)), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(f"{text}\n", encoding="utf-8")


@app.command()
def share(
    name: Name,
    public: Annotated[bool, typer.Option("--public", help="With everybody, once the operator agrees.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Take link and sharing back.")] = False,
    as_json: Json = False,
) -> None:
    """Give a link by which others may see and copy it."""
    visibility = "private" if private else "public" if public else "link"
    shared = _with_box(lambda box: box.share(name, visibility))
    if as_json:
        print_json(shared)
    elif shared["link"]:
        typer.echo(f"{load_settings().url.rstrip('/')}{shared['link']}")
    else:
        typer.echo("The operator will look at it." if shared["visibility"] == "asked" else f"It is {shared['visibility']} now.")


@app.command()
def delete(name: Name, as_json: Json = False) -> None:
    """Delete it with all its versions. (Export it first to be able to bring it back.)"""
    gone = _with_box(lambda box: box.delete(name))
    if as_json:
        print_json({"deleted": gone["id"]})
    else:
        typer.echo(f"{gone['title']} is deleted.")


T = TypeVar("T")


def _with_box(work: Callable[[WorkflowBox], Awaitable[T]]) -> T:
    from bots.terminal.workflows import open_workflows

    async def open_and_work() -> T:
        async with open_workflows(load_settings()) as box:
            return await work(box)

    return asyncio.run(open_and_work())


def _tell(workflow: dict[str, Any]) -> None:
    """A kept workflow, or a draft."""
    if workflow["title"] is None:
        typer.echo("It is not kept.", err=True)
        return
    known = f"  ({workflow['name']}, version {workflow['version']})" if "name" in workflow else "  (not kept)"
    typer.echo(f"{workflow['title']}{known}\n{workflow['description']}")
    typer.echo(f"takes {_ports(workflow['inputs'])}, gives {_ports(workflow['outputs'])}")
    for name, spec in workflow["params"].items():
        ends = f" {spec['minimum']:g} to {spec['maximum']:g}" if None not in (spec["minimum"], spec["maximum"]) else ""
        preset = "" if spec["default"] is None else f", {spec['default']} by default"
        typer.echo(f"  {name}: {spec['type']}{ends}{preset}")
    typer.echo("It can run now." if workflow["available"] else f"It cannot run now: {workflow['reason']}.")


def _ports(ports: dict[str, Any]) -> str:
    return ", ".join(name if name == port["kind"] else f"{name} ({port['kind']})" for name, port in ports.items()) or "nothing"
