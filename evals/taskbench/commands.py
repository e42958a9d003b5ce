"""`stationthis eval taskbench`: plan over a given inventory, train for it, score."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent.taskplan.model import Inventory
    from agent.taskplan.weights import Trained

app = typer.Typer(
    help="Plan the requests of a benchmark over its own tools: a prediction line per request.",
    invoke_without_command=True, no_args_is_help=True,
    epilog="Example: `stationthis eval taskbench --tools tools.jsonl --requests test.jsonl --out plans.jsonl`",
)  # fmt: skip

Tools = Annotated[Path, typer.Option(help="The inventory: a tool a line with `id`, `desc`, `input_type`, `output_type`.")]


@app.callback()
def predict(
    context: typer.Context,
    tools: Annotated[Path | None, typer.Option(help="The inventory: `id`, `desc`, `input_type`, `output_type` a line.")] = None,
    requests: Annotated[Path | None, typer.Option(help="A line each: `id`, `user_request`; nothing else is read.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the predictions go, a line a request.")] = None,
    zero_shot: Annotated[bool, typer.Option("--zero-shot", help="Use no trained weights, even where they fit.")] = False,
    model: Annotated[Path | None, typer.Option(help="Weights to use in place of those that come with the project.")] = None,
) -> None:
    """Write a plan a request. Trained weights are used when their inventory's hash is that of the tools, else none."""
    if context.invoked_subcommand is not None:
        return
    if tools is None or requests is None or out is None:
        raise typer.BadParameter("--tools, --requests and --out are all needed.")
    from evals.taskbench import data

    data.writable(out, tools, requests)
    known, asked = data.tools(tools), data.requests(requests)
    lines, manner = asyncio.run(_predicted(known, asked, zero_shot=zero_shot, model=model))
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    typer.echo(f"{len(lines)} requests planned {manner}, written to {out}", err=True)


@app.command(epilog="Example: `... train --data train.jsonl --data dev.jsonl --tools tools.jsonl --out model.npz`")
def train(
    data: Annotated[list[Path], typer.Option(help="Requests with gold `nodes` and `links`; several files are joined.")],
    tools: Tools,
    out: Annotated[Path, typer.Option(help="Where the weights go.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = 0,
    compare: Annotated[bool, typer.Option("--compare", help="Also zero-shot, tools left out, learning curve.")] = False,
) -> None:
    """Train for one inventory and print cross-validated figures. Takes some minutes; the file holds numbers only."""
    from agent.taskplan import weights
    from agent.taskplan.training import Schedule
    from evals.taskbench import data as files
    from evals.taskbench import teaching
    from evals.taskbench.assembly import open_encoder

    files.writable(out, tools, *data)
    known = files.tools(tools)
    golds = files.gold(data, known)
    schedule = Schedule(seed=seed)

    async def taught() -> tuple[Trained, list[str]]:
        with open_encoder() as encoder:
            trained, worth = await teaching.teach(golds, known, encoder, schedule, _tell)
            more = await teaching.compared(golds, known, encoder, schedule, _tell) if compare else []
        return trained, [worth.line(), *more]

    trained, lines = asyncio.run(taught())
    weights.save(trained, out)
    for line in lines:
        typer.echo(line)
    typer.echo(f"{out.stat().st_size / 1e6:.2f} MB for inventory {known.fingerprint[:16]}, written to {out}", err=True)


@app.command(epilog="Example: `stationthis eval taskbench score --gold dev.jsonl --predictions plans.jsonl --tools tools.jsonl`")
def score(
    gold: Annotated[Path, typer.Option(help="Requests with gold plans.")],
    predictions: Annotated[Path, typer.Option(help="What `eval taskbench` wrote.")],
    tools: Tools,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")] = False,
) -> None:
    """Score predictions: n-F1, e-F1, t-F1, v-F1 in percent. A request without a prediction counts as an empty plan.

    Requests that weights were trained on score far better than others: what training prints is what they are worth."""
    from evals.taskbench import data, judging
    from evals.taskbench.scoring import outline

    known = data.tools(tools)
    golds = data.gold([gold], known)
    said = {str(row.get("id")): row for row in data.rows(predictions)}
    figures = judging.figures(predictions.stem, golds, [outline(said.get(one.id, {}), known) for one in golds])
    covered = sum(one.id in said for one in golds)
    told = {"plain": figures.plain, "mix": figures.mixed, "requests": len(golds), "predicted": covered}
    typer.echo(json.dumps(told) if as_json else f"{figures.line()}; {covered} of {len(golds)} requests have a prediction")


async def _predicted(
    known: Inventory, asked: list[tuple[str, str]], *, zero_shot: bool, model: Path | None
) -> tuple[list[str], str]:
    from agent.taskplan import weights
    from agent.taskplan.errors import WeightsBroken
    from agent.taskplan.planner import TaskPlanner
    from evals.table import progress
    from evals.taskbench.assembly import open_encoder

    lines: list[str] = []
    with open_encoder() as encoder, progress() as step:
        if zero_shot and model:
            raise typer.BadParameter("--zero-shot and --model exclude one another.")
        trained = None if zero_shot else weights.load(model) if model else weights.for_inventory(known.fingerprint, encoder.name)
        if model and trained is not None and trained.fingerprint != known.fingerprint:
            raise WeightsBroken(f"{model.name} was trained for other tools, or for these in another order.")
        planner = TaskPlanner(encoder, trained)
        for id, words in asked:
            plan = await planner.plan(words, known)
            lines.append(json.dumps({"id": id, **plan.shape()}, ensure_ascii=False))
            step(len(lines), len(asked))
    used = trained is not None and trained.fingerprint == known.fingerprint
    return lines, "with trained weights" if used else "zero-shot: no weights belong to exactly these tools"


def _tell(line: str) -> None:
    typer.echo(line, err=True)
