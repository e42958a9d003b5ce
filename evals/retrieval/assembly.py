"""The whole catalogue behind the real search, asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.retrieval.queries import Query
from evals.retrieval.scoring import DEPTHS, Answered, answered
from tools.embedding import MiniLmEncoder
from tools.index import ToolIndex
from tools.model import Tool
from tools.protocols import Encoder
from tools.service import ToolCatalogue, all_tools, known_as


async def ask(queries: Sequence[Query], encoder: Encoder, cache: Path | None, tools: Sequence[Tool]) -> list[Answered]:
    """What the search finds for each query among these tools."""
    catalogue = ToolCatalogue(tools, ToolIndex(encoder, cache))
    await catalogue.prepare()
    answers = []
    for query in queries:
        found = await catalogue.search(query.text, [], max(DEPTHS))
        answers.append(answered(query, [known_as(each.tool) for each in found]))
    return answers


async def ask_all(queries: Sequence[Query], data: Path) -> list[Answered]:
    """The same over everything there is, in the data folder, with an encoder of its own."""
    encoder = MiniLmEncoder()
    try:
        return await ask(queries, encoder, data / "cache", all_tools(data / "cache"))
    finally:
        encoder.close()
        encoder.join(10.0)
