"""`stationthis tools import` and `tools pin`: build the templates anew, and say what an upgrade changes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
_SHOWN = 200


def import_command(
    object_info: Annotated[
        Path | None, typer.Option(help="What `/object_info` of a newer ComfyUI answers.", exists=True, dir_okay=False)
    ] = None,
    server: Annotated[str | None, typer.Option(help="A running ComfyUI to ask for that.")] = None,
    as_json: Json = False,
) -> None:
    """Build all official templates as tools, and print what changed against the last build.

    With facts of a newer ComfyUI, the templates that only it can run become tools with a graph, beside the others.
    """
    from base.settings import load_settings
    from tools import recorded
    from tools.templates import cache
    from tools.templates.building import build
    from tools.templates.differences import differences

    version, info = recorded.newest_bytes()
    name, label = cache.REFERENCE, version
    if object_info is not None or server is not None:
        info = _facts(object_info, server)
        name = label = _slug(server if object_info is None else object_info.stem)
    folder = load_settings().data / "cache"
    before, made = cache.read(folder, name), build(label, info)
    if name != cache.REFERENCE:
        cache.write_info(folder, name, info)
    cache.write(folder, made, name)
    changes = differences(before, made)
    if as_json:
        head = {"package": made.package, "server": made.server, "tools": len(made.tools), "faults": made.faults}
        typer.echo(json.dumps({**head, **changes.as_dict()}, indent=2, ensure_ascii=False))
        return
    graphs = sum(bool(tool.implementations) for tool in made.tools)
    typer.echo(f"{made.package} for ComfyUI {made.server}: {len(made.tools)} tools, {graphs} with a graph")
    for line in [f"+ {n}" for n in changes.added] + [f"- {n}" for n in changes.removed]:
        typer.echo(line)
    for tool, lines in changes.changed.items():
        typer.echo(f"~ {tool}")
        for line in lines:
            typer.echo(f"    {line if len(line) <= _SHOWN else line[:_SHOWN] + ' ...'}")
    for tool, fault in sorted(made.faults.items()):
        typer.echo(f"! {tool}: {fault}")


def pin_command(
    set: Annotated[bool, typer.Option("--set", help="Make what is installed the pin.")] = False, as_json: Json = False
) -> None:
    """Hold the installed template package against the committed pin; exit 1 when they differ."""
    from tools.templates import package, pins

    now = pins.installed(package.open_templates())
    if set:
        pins.write(now)
    pin = pins.pinned()
    lines = pins.apart(pin, now)
    if as_json:
        found = {"pinned": pin.version, "installed": now.version, "templates": len(now.digests), "differences": lines}
        typer.echo(json.dumps(found, indent=2))
    else:
        typer.echo(f"pinned {pin.version}, installed {now.version}, {len(now.digests)} open templates")
        for line in lines:
            typer.echo(line)
    raise typer.Exit(1 if lines else 0)


def _facts(object_info: Path | None, server: str | None) -> bytes:
    from tools import facts
    from tools.convert.files import read_facts

    if object_info is not None:
        raw = object_info.read_bytes()
        read_facts(raw)
        return raw
    return json.dumps(facts.from_server(str(server)), sort_keys=True).encode()


def _slug(name: str | None) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", (name or "").removeprefix("object_info-").lower()).strip("-.") or "server"
