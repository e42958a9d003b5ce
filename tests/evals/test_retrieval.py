"""The queries of the retrieval table are people's own words, read strictly, scored by how far down the right tool stands."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from evals.errors import SuiteBroken
from evals.retrieval import queries
from evals.retrieval.queries import Query
from evals.retrieval.scoring import answered, by_family, figures
from tools.search.sayings import as_name, jobs
from tools.service import load_tools
from tools.templates import package

QUERIES = queries.load()
RUN = 5
"""So many words in a row, and it is a copy."""


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def names() -> set[str]:
    """Of every tool that there is, and of every open template."""
    return {tool.name for tool in load_tools()} | {as_name(template.name) for template in package.open_templates()}


def test_there_are_queries_enough_and_a_third_is_held_out() -> None:
    dev, held, blind = (queries.select(split) for split in ("dev", "held", "blind"))

    assert len(dev) + len(held) >= 240
    assert 0.2 < len(held) / len(dev + held) < 0.45
    assert len(blind) >= 120
    assert sorted(query.text for query in dev + held + blind) == sorted({query.text for query in QUERIES})


def test_what_was_written_blind_is_kept_from_whoever_tunes() -> None:
    (query,) = queries.parse("blind: true\nsets: {}\nqueries: [{family: f, right: [x], ask: [hello]}]")

    assert (query.split, query.held_out) == ("blind", True)
    assert {query.split for query in queries.select("dev")} == {"dev"}
    assert not any(query.held_out for query in queries.select("dev"))


def test_none_is_copied_from_what_tools_and_jobs_say() -> None:
    said = [tool.description for tool in load_tools()] + [t.entry["description"] for t in package.open_templates()]
    said += [example.text for tool in load_tools() for example in tool.examples]
    said += [text for job in jobs() for text in job.say]
    taken = {run for text in said for run in runs(text)}

    assert [query.text for query in QUERIES if runs(query.text) & taken] == []
    assert {query.text.lower() for query in QUERIES} & {text.lower() for text in said} == set()


def test_every_pattern_means_a_tool_that_there_is() -> None:
    known = names()
    patterns = {pattern for query in QUERIES for pattern in query.right} | {p for job in jobs() for p in job.tools}

    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in known)] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sets: {a: [x]}\nqueries: [{family: f, ask: [hello]}]", "nothing is right"),
        ("sets: {}\nqueries: [{family: f, right: [x], ask: [hello, hello]}]", "asked twice"),
        ("sets: {}\nqueries: [{family: f, right: [x], ask: [{say: a, wrong: b}]}]", "validation error"),
        ("sets: {\n", "line"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(SuiteBroken, match=why):
        queries.parse(text)


def test_a_query_knows_its_sets_and_what_is_right_besides() -> None:
    (plain, own) = queries.parse(
        "sets: {big: ['upscale_*']}\n"
        "queries: [{family: f, right: [big], alt: [resize], ask: [bigger, {say: seedvr2, right: [seedvr2]}]}]"
    )

    assert (plain.right, own.right) == (("upscale_*", "resize"), ("seedvr2", "resize"))
    assert plain.fits(["my_upscaler", "upscale_image"])
    assert not plain.fits(["image_upscale"])


def test_the_rank_is_that_of_the_first_right_result() -> None:
    query = Query("f", "bigger", ("upscale_*",))

    assert answered(query, [["crop"], ["curated", "upscale_x"], ["upscale_y"]]).rank == 2
    assert answered(query, [["crop"]]).rank is None
    assert answered(query, []).found == ()


def test_recall_and_mean_reciprocal_rank() -> None:
    query = Query("f", "bigger", ("a",))
    some = [answered(query, [["x"]] * place + [["a"]]) for place in (0, 1, 5)] + [answered(query, [])]

    of = figures(some)
    assert of.recall == {1: 0.25, 3: 0.5, 5: 0.5, 10: 0.75}
    assert of.mrr == pytest.approx((1 + 1 / 2 + 1 / 6) / 4)
    assert list(by_family(some)) == ["f"]
    assert figures([]).mrr == 0
