"""Every official template, held against digests of graphs that were looked at."""

from __future__ import annotations

import json

import pytest

from tests.tools.convert.comparing import DIGESTS, comparable, templates
from tests.untraced import EXHAUSTIVE
from tools import facts
from tools.convert.conversion import Conversion, convert, digest

pytestmark = EXHAUSTIVE

ROWS = json.loads(DIGESTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def converted() -> dict[str, Conversion]:
    info = facts.reference()["0.33.0"]
    return {name: convert(ui, info) for name, ui in templates().items()}


def test_every_template_whose_nodes_are_known_becomes_a_graph(converted: dict[str, Conversion]) -> None:
    whole = {name for name, conversion in converted.items() if not conversion.unknown}

    assert (len(converted), len(whole)) == (259, 230)
    assert whole == set(ROWS)


def test_the_graphs_are_the_ones_that_were_looked_at(converted: dict[str, Conversion]) -> None:
    changed = [name for name, row in ROWS.items() if digest(converted[name].graph) != row["graph"]]

    assert changed == [], "look at the difference, then `python -m tests.tools.convert.comparing`"


def test_forty_graphs_are_what_the_page_exports(converted: dict[str, Conversion]) -> None:
    rows = {name: row["page"] for name, row in ROWS.items() if "page" in row}
    others = [name for name, page in rows.items() if digest(comparable(name, converted[name].graph)) != page]

    assert (len(rows), others) == (40, [])


def test_a_template_with_unknown_nodes_is_no_graph_but_names_them(converted: dict[str, Conversion]) -> None:
    lacking = {name: c for name, c in converted.items() if c.unknown}

    assert len({kind for c in lacking.values() for kind in c.unknown.values()}) == 28
    assert [name for name, c in lacking.items() if c.graph or not c.known or set(c.known) & set(c.unknown)] == []


def test_every_link_of_every_graph_leads_to_a_node_and_no_list_is_taken_for_one(converted: dict[str, Conversion]) -> None:
    for name, conversion in converted.items():
        links = [v for node in conversion.graph.values() for v in node["inputs"].values() if isinstance(v, list)]
        assert all(len(link) == 2 and link[0] in conversion.graph for link in links), name
