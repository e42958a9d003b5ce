"""`stationthis models`: weight files, their licences and how they get onto a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from base.printing import print_json, print_table
from tools.registry.model import Finding, RegisteredModel

app = typer.Typer(help="Weight files: list, check, add, approve, download.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]


@app.command("list")
def list_models(
    words: Annotated[str | None, typer.Argument(help="Only entries that hold all these words.")] = None,
    base: Annotated[str | None, typer.Option(help="Only this base family, such as flux1.")] = None,
    folder: Annotated[str | None, typer.Option(help="Only this folder of ComfyUI.")] = None,
    proposed: Annotated[bool, typer.Option("--proposed", help="Only what waits for a decision.")] = False,
    as_json: Json = False,
) -> None:
    """All models, the most used first."""
    from tools.registry.entries import registered

    models = asyncio.run(_proposed()) if proposed else [*registered(), *asyncio.run(_added())]
    chosen = [m for m in models if base in (None, m.base) and folder in (None, m.folder) and m.holds(words or "")]
    chosen.sort(key=lambda m: (-m.popularity, m.id))
    if as_json:
        print_json([_shape(m) for m in chosen])
        return
    rows = [(m.id, m.base, m.purpose, m.licence, m.commercial.value, m.state) for m in chosen]
    print_table(("id", "base", "purpose", "licence", "may be sold", "state"), rows)


@app.command()
def show(name: str, as_json: Json = False) -> None:
    """One model by its id, its folder and file, or its file alone."""
    model = _find(name)
    if as_json:
        print_json(_shape(model))
        return
    for field, value in _shape(model).items():
        if value not in (None, [], ""):
            typer.echo(f"{field:<11} {', '.join(value) if isinstance(value, list) else value}")


@app.command()
def check(as_json: Json = False) -> None:
    """Hold every entry against what it must be; exit 1 when one is wrong. Asks no network."""
    from tools.registry.checking import check as found_in
    from tools.registry.entries import registered

    findings = found_in([*registered(), *asyncio.run(_added())])
    wrong = any(finding.level == "error" for finding in findings)
    if as_json:
        print_json([finding.model_dump() for finding in findings])
    else:
        _tell(findings)
    raise typer.Exit(1 if wrong else 0)


@app.command("import")
def import_models(
    write: Annotated[
        bool, typer.Option("--write", help="Write it; without this only the difference is shown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw entries from the installed template package, beneath those that are written by hand."""
    from tools.registry import importing
    from tools.registry.entries import read

    folder = Path(importing.__file__).parent / "imported"
    made = importing.imported()
    difference = importing.difference(read(folder), made)
    if write:
        importing.write(folder, made)
    if as_json:
        print_json({"models": len(made), "written": write, **difference})
        return
    for kind, places in difference.items():
        typer.echo(f"{kind}: {len(places)}")
        for place in places:
            typer.echo(f"  {place}")


@app.command()
def add(
    url: str,
    folder: Annotated[str | None, typer.Option(help="ComfyUI's folder, where the address does not name it.")] = None,
    file: Annotated[str | None, typer.Option(help="File name, where the address does not name it.")] = None,
    base: Annotated[str | None, typer.Option(help="Base family, such as sdxl.")] = None,
    licence: Annotated[str | None, typer.Option(help="Name of the licence.")] = None,
    sha256: Annotated[str | None, typer.Option(help="What the source publishes.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it is for, in a few words.")] = None,
    as_json: Json = False,
) -> None:
    """Propose a file by its address. Others see it once it is approved."""
    facts = {"folder": folder, "file": file, "base": base, "licence": licence, "sha256": sha256, "purpose": purpose}
    id, model = asyncio.run(_add(url, facts))
    if as_json:
        print_json({"registration": id, **_shape(model)})
    else:
        typer.echo(f"{model.id} is proposed. `stationthis models approve {model.id}` lets everybody see it.")


@app.command()
def approve(name: str, as_json: Json = False) -> None:
    """Let everybody see what was proposed: a model or a LoRA, by its id."""
    asyncio.run(_decide(name, agreed=True))
    print_json({"approved": name}) if as_json else typer.echo(f"{name} is everybody's now.")


@app.command()
def refuse(name: str, as_json: Json = False) -> None:
    """Leave what was proposed to whoever proposed it."""
    asyncio.run(_decide(name, agreed=False))
    print_json({"refused": name}) if as_json else typer.echo(f"{name} stays what it was.")


@app.command()
def download(
    name: Annotated[str | None, typer.Argument(help="A model's id, its folder and file, or its file alone.")] = None,
    tool: Annotated[str | None, typer.Option(help="Instead: everything that this tool needs.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="ComfyUI's folder `models`; `models` in the data folder by default.")
    ] = None,
    check_gpu: Annotated[
        bool, typer.Option("--check-gpu", help="First compare what it needs with this machine's card.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a file of that name that is another one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch weight files: resumed, verified, never over another file. Run it again to go on after a break."""
    from base.settings import load_settings
    from tools.models.wanted import compared, wanted
    from tools.registry.gpu import gpus

    if (name is None) == (tool is None):
        raise typer.BadParameter("Give a model, or a tool with --tool.")
    settings = load_settings()
    models = [_find(name)] if name is not None else wanted(tool or "", settings.data / "cache")
    for line in [compared(model, gpus()) for model in models] if check_gpu else []:
        typer.echo(line, err=True)
    folder = to or settings.data / "models"
    fetched = asyncio.run(_download(models, folder, settings.tokens_by_host(), replace, not as_json))
    if as_json:
        print_json(fetched)
        return
    for entry in fetched:
        proof = "verified" if entry["verified"] else "no published hash to compare"
        typer.echo(f"{entry['path']} ({entry['state']}, {proof})")


async def _download(
    models: list[RegisteredModel], folder: Path, tokens: dict[str, str], replace: bool, talk: bool
) -> list[dict[str, Any]]:
    from base.clock import SystemClock
    from tools.models.wanted import Meter
    from tools.registry.download import Source, download

    source, fetched = Source(SystemClock(), tokens), []
    for model in models:
        got = await download(model, folder, source, Meter(model.file, talk), replace=replace)
        fetched.append(
            {"id": model.id, "path": str(got.path), "state": got.state, "bytes": got.bytes, "verified": got.verified}
        )
    return fetched


async def _added() -> list[RegisteredModel]:
    """What was approved here, or is the operator's own; nothing where there is no database yet."""
    from base.settings import load_settings

    settings = load_settings()
    if settings.database_url is None and not (settings.data / "stationthis.db").exists():
        return []  # listing makes no database
    from tools.registry.assembly import open_registrations
    from tools.registry.entries import registered
    from tools.registry.shelves import ModelShelf

    async with open_registrations(settings) as registrations:
        known = {model.place for model in registered()}
        return [model for model in await ModelShelf(registrations).all(None) if model.place not in known]


async def _proposed() -> list[RegisteredModel]:
    from base.settings import load_settings
    from tools.registry.assembly import open_registrations
    from tools.registry.shelves import proposed_models

    async with open_registrations(load_settings()) as registrations:
        return proposed_models(await registrations.proposed())


async def _add(url: str, facts: dict[str, str | None]) -> tuple[str, RegisteredModel]:
    from base.settings import load_settings
    from tools.registry.assembly import open_registrations
    from tools.registry.shelves import ModelShelf

    async with open_registrations(load_settings()) as registrations:
        return await ModelShelf(registrations).add(url, None, facts)


async def _decide(name: str, *, agreed: bool) -> None:
    from base.settings import load_settings
    from tools.registry.assembly import open_registrations
    from tools.registry.errors import NotWaiting

    async with open_registrations(load_settings()) as registrations:
        waiting = await registrations.proposed()
        named = [e for e in waiting if name in (e.id, e.content.get("id"), e.content.get("name"))]
        if len(named) != 1:
            raise NotWaiting("Several entries have that name; use the registration's id." if named else None)
        await (registrations.approve(named[0].id) if agreed else registrations.refuse(named[0].id))


def _find(name: str) -> RegisteredModel:
    from tools.registry.entries import find, registered

    return find([*registered(), *asyncio.run(_added())], name)


def _shape(model: RegisteredModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def _tell(findings: Iterable[Finding]) -> None:
    listed = list(findings)
    for finding in listed:
        if finding.level == "error":
            typer.echo(f"{finding.model}: {finding.message} ({finding.code})")
    notes: dict[str, list[str]] = {}
    for finding in listed:
        if finding.level == "note":
            notes.setdefault(finding.code, []).append(finding.model)
    for code, models in sorted(notes.items()):
        typer.echo(f"{len(models)} noted as {code}, such as {', '.join(models[:3])}")
    errors = sum(finding.level == "error" for finding in listed)
    typer.echo("No entry is wrong." if not errors else f"{errors} findings must be mended.")
