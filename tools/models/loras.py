"""`stationthis loras`: what may be called in a prompt. The operator's own are proposals until `models approve`."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from tools.loras.model import Lora

app = typer.Typer(help="LoRAs: list, show, add, remove.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]


@app.command("list")
def list_loras(
    words: Annotated[str | None, typer.Argument(help="Only those that hold all these words.")] = None,
    as_json: Json = False,
) -> None:
    """What everybody may use, and what waits for a decision."""
    found = [lora for lora in asyncio.run(_all()) if lora.holds(words or "")]
    if as_json:
        typer.echo(json.dumps([lora.model_dump(mode="json") for lora in found], indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "base", "triggers", "may be sold", "state", box=None, header_style="bold")
    for lora in found:
        table.add_row(lora.name, lora.base, ", ".join(lora.triggers), lora.commercial.value, lora.visibility.value)
    Console().print(table)


@app.command()
def show(name: str, as_json: Json = False) -> None:
    """One LoRA by its name."""
    facts = _named(name).model_dump(mode="json")
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for field, value in facts.items():
        if value not in (None, [], ""):
            typer.echo(f"{field:<11} {', '.join(value) if isinstance(value, list) else value}")


@app.command()
def add(
    title: str,
    file: Annotated[str, typer.Option(help="As ComfyUI names it beneath models/loras.")],
    base: Annotated[str | None, typer.Option(help="Family of the models it fits, such as sdxl.")] = None,
    trigger: Annotated[list[str] | None, typer.Option(help="Words that call it, as often as needed.")] = None,
    weight: Annotated[float, typer.Option(help="How strong it is unless a tag says otherwise.")] = 1.0,
    licence: Annotated[str | None, typer.Option(help="Name of the licence.")] = None,
    source: Annotated[str | None, typer.Option(help="Its https address.")] = None,
    as_json: Json = False,
) -> None:
    """Propose a LoRA. Everybody may use it after `stationthis models approve NAME`."""
    facts = {
        "title": title, "file": file, "base": base, "triggers": trigger or [], "weight": weight, "licence": licence,
        "source": source,
    }  # fmt: skip
    made = asyncio.run(_add(facts))
    typer.echo(json.dumps(made, ensure_ascii=False) if as_json else f"{made['name']} is proposed.")


@app.command()
def remove(name: str, as_json: Json = False) -> None:
    """Take away one that was added here; those that come with the program stay."""
    asyncio.run(_remove(_named(name)))
    typer.echo(json.dumps({"removed": name}) if as_json else f"{name} is gone.")


async def _all() -> list[Lora]:
    from base.settings import load_settings
    from tools.loras.public import public

    settings = load_settings()
    if settings.database_url is None and not (settings.data / "stationthis.db").exists():
        return list(public())  # listing makes no database
    from base.clock import SystemClock
    from tools.loras.shelf import LoraShelf
    from tools.registry.assembly import open_registrations

    async with open_registrations(settings) as registrations:
        return await LoraShelf(registrations, SystemClock()).operators()


async def _add(facts: dict[str, Any]) -> dict[str, Any]:
    from base.settings import load_settings
    from tools.loras.shelf import checked
    from tools.registry.assembly import open_registrations
    from tools.registry.errors import ModelExists

    content = checked(facts)
    if any(lora.name == content["name"] for lora in await _all()):
        raise ModelExists("A LoRA of that name is there already.", action="Choose another title.")
    async with open_registrations(load_settings()) as registrations:
        id = await registrations.add("lora", content, None, "standard", "proposed")
    return {"id": id, **content}


async def _remove(lora: Lora) -> None:
    from base.settings import load_settings
    from tools.registry.assembly import open_registrations

    async with open_registrations(load_settings()) as registrations:
        await registrations.remove(lora.id, None)


def _named(name: str) -> Lora:
    from tools.registry.errors import NotRegistered

    found = next((lora for lora in asyncio.run(_all()) if name in (lora.name, lora.id)), None)
    if found is None:
        raise NotRegistered("There is no LoRA of that name.", action="See `stationthis loras list`.")
    return found
