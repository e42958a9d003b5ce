"""`stationthis tools convert`: a workflow file in, its API graph out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.convert.files import read_facts, read_json

_MOST_BYTES = 64 * 2**20
_MOST_NAMED = 20


def convert_command(
    workflow: Annotated[Path, typer.Argument(metavar="UI.json", help="What ComfyUI's page saved; - for standard input.")],
    object_info: Annotated[
        Path | None, typer.Option(help="What `/object_info` of the server answers; the newest reference when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON (it prints nothing else anyway).")] = False,
) -> None:
    """Turn a workflow of the editor into the API graph that a server runs."""
    from tools import facts
    from tools.convert.conversion import convert
    from tools.errors import NodesUnknown

    ui = read_json(_bytes(workflow, "The workflow"))
    info = facts.newest() if object_info is None else read_facts(_bytes(object_info, "The file of --object-info"))
    conversion = convert(ui, info)
    if conversion.unknown:
        named = ", ".join(sorted(set(conversion.unknown.values()))[:_MOST_NAMED])
        raise NodesUnknown(f"This ComfyUI lacks {named}.", nodes=dict(conversion.unknown))
    typer.echo(_text(conversion.graph))


def _bytes(file: Path, called: str) -> bytes:
    from tools.errors import BadWorkflow, WorkflowTooLarge

    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(_MOST_BYTES + 1)
    except OSError:
        raise BadWorkflow(f"{called} cannot be read.", action="Check its name and who may read it.") from None
    if len(data) > _MOST_BYTES:
        raise WorkflowTooLarge(bytes=_MOST_BYTES)
    return data


def _text(graph: dict[str, Any]) -> str:
    """With other letters escaped: a file may hold half a character, which no terminal can print."""
    return json.dumps(graph, indent=2)
