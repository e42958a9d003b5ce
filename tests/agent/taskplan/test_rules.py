"""The pure parts: inventories, pieces, arguments, links, decisions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.taskplan.arguments import fill, literals
from agent.taskplan.decoding import BEAM, Bars, decide
from agent.taskplan.errors import InventoryBroken
from agent.taskplan.general import BARS, LINKER
from agent.taskplan.linking import facts, habits
from agent.taskplan.model import Evidence, Inventory, inventory
from agent.taskplan.spans import shorten, spans
from tests.agent.taskplan.kitchen import KITCHEN

COUNT = len(KITCHEN.tools)
shares = st.lists(st.floats(0, 1), min_size=COUNT, max_size=COUNT)


def certain(*tools: int) -> Evidence:
    """Sure of these, spoken of in their order."""
    likely = np.array([0.95 if tool in tools else 0.02 for tool in range(COUNT)])
    return Evidence(likely, np.array([tools.index(t) / 5 if t in tools else 0.5 for t in range(COUNT)]))


def test_a_fingerprint_is_of_the_tools_and_not_of_how_the_file_is_written() -> None:
    rows = [{"id": "A", "desc": "Does a.", "input_type": ["Text"], "output_type": ["text"]}]
    same = [{"name": "A", "description": "Does a.", "input-type": "text", "output-type": "text", "more": 1}]
    other = [{**rows[0], "desc": "Does b."}]
    assert inventory(rows).fingerprint == inventory(same).fingerprint
    assert inventory(rows).fingerprint != inventory(other).fingerprint


@pytest.mark.parametrize("rows", [[], [{"desc": "nameless"}], [{"id": "A"}, {"id": "A"}]])
def test_an_inventory_without_names_of_their_own_is_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(InventoryBroken):
        inventory(rows)


def test_long_quotations_are_material_and_apostrophes_are_no_quotation() -> None:
    long = " ".join(["word"] * 40)
    assert len(shorten(f"Sum up '{long}' and don't stop").split()) < 20
    assert shorten("It's my friend's garden and I don't mind") == "It's my friend's garden and I don't mind"


@given(st.text(max_size=300))
def test_pieces_lie_inside_the_request_and_end_with_the_whole(text: str) -> None:
    found = spans(text)
    assert found
    assert all(0 <= piece.at <= 1 for piece in found)
    assert all(piece.text for piece in found[:-1])


def test_pieces_are_placed_in_order() -> None:
    places = {piece.text: piece.at for piece in spans("Wash the leeks, then chop the leeks and cook a soup.")}
    assert places["Wash the leeks"] < places["chop the leeks"] < places["cook a soup"]


def test_a_decision_takes_what_is_sure_and_orders_it_so_that_it_can_run() -> None:
    decision = decide(certain(2, 0, 1), KITCHEN, LINKER, BARS)
    assert set(decision.tools) == {0, 1, 2}
    assert {(0, 1), (1, 2)} <= set(decision.links)
    assert decision.tools.index(0) < decision.tools.index(1) < decision.tools.index(2)


def test_something_is_always_chosen() -> None:
    doubtful = Evidence(np.array([0.01, 0.05, 0.02, 0.0, 0.0]), np.full(COUNT, 0.5))
    assert decide(doubtful, KITCHEN, LINKER, BARS).tools == (1,)


@given(shares, shares, st.floats(0, 1), st.floats(0, 0.4))
def test_any_evidence_gives_a_plan_that_can_run(
    tools: list[float], places: list[float], support: float, doubt: float
) -> None:
    """No circle, no tool with more sources than inputs, no link whose types do not fit, sources before targets."""
    bars = Bars(support=support, doubt=doubt)
    decision = decide(Evidence(np.array(tools), np.array(places)), KITCHEN, LINKER, bars)
    position = {tool: number for number, tool in enumerate(decision.tools)}
    assert 1 <= len(decision.tools) <= min(COUNT, bars.longest)
    for source, target in decision.links:
        assert position[source] < position[target]
        assert KITCHEN.fits[source, target] == 1
        assert sum(1 for _, b in decision.links if b == target) <= KITCHEN.slots[target]


def test_a_tool_in_doubt_is_taken_when_it_closes_a_gap() -> None:
    """Chopping is hardly spoken of, but nothing else feeds the cooker; printing is as doubtful and hangs on nothing."""
    likely = np.array([0.9, 0.45, 0.9, 0.02, 0.02])
    bars = Bars(tool=0.5, doubt=0.2, support=2.0)
    evidence = Evidence(likely, np.array([0.1, 0.4, 0.7, 0.9, 0.9]))
    assert 1 in decide(evidence, KITCHEN, LINKER, bars).tools
    assert 1 not in decide(evidence, KITCHEN, LINKER, Bars(tool=0.5, doubt=0.0)).tools
    assert BEAM > 1


def test_facts_have_a_column_a_name_and_habits_only_where_they_were_learnt() -> None:
    from agent.taskplan.linking import CROWD, FACTS, ORDER, SURE

    told, fits = facts([0, 1, 2], certain(0, 1, 2), KITCHEN, None)
    assert told.shape == (3, 3, len((*ORDER, *CROWD, *SURE)))
    usual = habits(np.eye(COUNT), np.ones((COUNT, COUNT)), KITCHEN.fits)
    assert facts([0, 1, 2], certain(0, 1, 2), KITCHEN, usual)[0].shape == (3, 3, len(FACTS))
    assert fits[0, 1] == 1
    assert fits[1, 0] == 0


def test_habits_lean_on_what_is_usual_where_little_was_seen() -> None:
    never = habits(np.zeros((COUNT, COUNT)), np.zeros((COUNT, COUNT)), KITCHEN.fits)
    assert np.all(never == 0)
    links = np.zeros((COUNT, COUNT))
    links[0, 1] = 9
    seen = habits(links, links.clip(max=10) + 1, KITCHEN.fits)
    assert seen[0, 1] > seen[1, 2] > 0


MEDIA: Inventory = inventory(
    [
        {"id": "Cutter", "desc": "Cuts a film.", "input_type": ["video"], "output_type": ["video"]},
        {"id": "Dubber", "desc": "Puts a voice on a film.", "input_type": ["video", "text"], "output_type": ["video"]},
        {"id": "Getter", "desc": "Gets a page.", "input_type": ["url"], "output_type": ["text"]},
    ]
)


def test_literals_are_told_with_their_kinds() -> None:
    request = "Take 'clip.mp4' and the words 'Hello, my friend's house' from https://a.example.com/page, please."
    assert [(literal.text, literal.kind) for literal in literals(request)] == [
        ("clip.mp4", "video"),
        ("Hello, my friend's house", "text"),
        ("https://a.example.com/page", "url"),
    ]


def test_arguments_come_from_links_first_then_from_the_words_of_their_kind() -> None:
    request = "Cut clip.mp4, then put the voice 'Good morning' on it."
    cutter, dubber = MEDIA.tools[:2]
    filled = fill(request, [cutter, dubber], [(0, 1)], [0.1, 0.7])
    assert filled == [("clip.mp4",), ("<node-0>", "Good morning")]


def test_of_two_files_a_tool_takes_the_one_that_stands_near_it() -> None:
    request = "Cut first.mp4 short, and much later in this long request put the voice 'Hi there' on second.mp4."
    filled = fill(request, list(MEDIA.tools[:2]), [], [0.05, 0.9])
    assert filled[0] == ("first.mp4",)
    assert filled[1][0] == "second.mp4"


@given(st.text(max_size=200))
def test_arguments_never_fail_and_fill_every_input(request: str) -> None:
    filled = fill(request, list(MEDIA.tools), [(2, 1)], [0.2, 0.5, 0.8])
    assert [len(arguments) for arguments in filled] == [1, 2, 1]
    assert all(argument for arguments in filled for argument in arguments)


def test_a_file_of_another_kind_goes_where_no_medium_is_taken() -> None:
    tools = inventory([{"id": "Planter", "desc": "Plants.", "input_type": ["leaf"], "output_type": ["plant"]}]).tools
    assert fill("Plant it as in garden.ics, please.", list(tools), [], [0.5]) == [("garden.ics",)]
