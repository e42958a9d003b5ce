"""Spells and runs over HTTP: saved, edited, shared, exchanged, cast; and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from base.clock import SystemClock
from base.ids import new_id
from executor.model import Asset, Owner, Parent
from tests.web.conftest import Site, problem
from tests.web.fakes import PNG
from tools.model import MediaKind

SPELLS = "/api/v1/spells"


async def account(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/v1/me")).json()["account_id"])


async def picture(site: Site, client: httpx.AsyncClient, *, tier: str = "standard") -> str:
    """A photo that was brought, scaled by three: the id of the result."""
    me = await account(client)
    owner = Owner(me, tier, f"account:{me}")
    photo = site.behind.assets.keep(PNG, owner, "photo.png", new_id())
    made = Asset(
        new_id(), owner, MediaKind.IMAGE, "image/png", 9, "0" * 64, 3, 3, None, "output", False, SystemClock().now(),
        run_id=new_id(), step_id="s1", tool="scale", params={"factor": 3.0}, parents=(Parent(photo.id, "image"),),
    )  # fmt: skip
    site.behind.assets.stored[made.id] = made
    return made.id


async def saved(site: Site, client: httpx.AsyncClient, title: str = "Triple") -> dict[str, Any]:
    answer = await client.post(SPELLS, json={"title": title, "asset_id": await picture(site, client)})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{SPELLS}/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


async def test_a_spell_is_saved_listed_changed_and_deleted(site: Site, person: httpx.AsyncClient) -> None:
    spell = await saved(site, person)
    assert (spell["title"], spell["version"], spell["visibility"], spell["mine"]) == ("Triple", 1, "private", True)
    assert list(spell["ports"]) == ["image"]
    assert spell["steps"] == [
        {"id": "s1", "tool": "scale", "params": {"factor": 3.0}, "inputs": {"image": ["$image"]}, "deliver": None}
    ]
    url = f"{SPELLS}/{spell['id']}"
    assert [item["id"] for item in (await person.get(SPELLS)).json()["items"]] == [spell["id"]]
    assert (await person.get(f"/api/v1/tools/{spell['name']}")).json()["title"] == "Triple"

    blanks = {"factor": {"type": "number", "default": 2.0, "description": "How much larger"}}
    steps = [{**spell["steps"][0], "params": {"factor": "{factor}"}}]
    changed = await person.patch(url, json={"title": "Larger", "blanks": blanks, "steps": steps, "note": "any factor"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["name"]) == (2, spell["name"])
    versions = (await person.get(f"{url}/versions")).json()["items"]
    assert [(v["version"], v["note"]) for v in versions] == [(2, "any factor"), (1, "")]
    assert {"what": "steps.s1.params.factor", "before": 3.0, "after": "{factor}"} in versions[0]["changes"]
    assert (await person.get(url, params={"version": 1})).json()["title"] == "Triple"
    assert (await person.delete(url)).status_code == 204
    problem(await person.get(url), 404, "not_on_shelf")
    assert (await person.get(SPELLS)).json()["items"] == []


async def test_what_a_handle_names_can_be_saved(site: Site, person: httpx.AsyncClient) -> None:
    conversation = (await person.post("/api/v1/conversations")).json()["id"]
    asset = await picture(site, person)
    sent = {"text": "here", "attachments": [asset]}
    assert (await person.post(f"/api/v1/conversations/{conversation}/messages", json=sent)).status_code == 202
    body = {"title": "Triple", "conversation_id": conversation, "handle": "A1"}
    assert (await person.post(SPELLS, json=body)).status_code == 201
    problem(await person.post(SPELLS, json={**body, "handle": "A9"}), 404, "handle_not_found")


async def test_a_plan_can_be_saved(site: Site, person: httpx.AsyncClient) -> None:
    asset = await picture(site, person)
    step = {"id": "s1", "tool": "scale", "params": {"factor": 2}, "inputs": {"image": [{"asset_id": asset}]}}
    spell = (await person.post(SPELLS, json={"title": "Twice", "plan": {"steps": [step]}})).json()
    assert spell["steps"][0]["inputs"] == {"image": ["$image"]}


async def test_incognito_work_is_kept_only_when_that_is_said(site: Site, person: httpx.AsyncClient) -> None:
    body = {"title": "Secret", "asset_id": await picture(site, person, tier="incognito")}
    problem(await person.post(SPELLS, json=body), 409, "stays_incognito")
    assert (await person.post(SPELLS, json={**body, "from_incognito": True})).status_code == 201


async def test_a_link_shows_the_recipe_to_whoever_has_it(
    site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    spell = await saved(site, person)
    url = f"{SPELLS}/{spell['id']}"
    link = (await person.post(f"{url}/share", json={"visibility": "link"})).json()["link"]
    async with site.client() as nobody:
        seen = (await nobody.get(link)).json()
        assert (seen["title"], seen["mine"], seen["steps"]) == ("Triple", False, spell["steps"])
        problem(await nobody.get(link[:-1] + "_"), 404, "not_on_shelf")
    copy = await stranger.post(f"{link}/fork", json={"title": "My own"})
    assert (copy.status_code, copy.json()["title"], copy.json()["mine"]) == (201, "My own", True)
    problem(await stranger.get(url), 404, "not_on_shelf")
    assert (await person.post(f"{url}/share", json={"visibility": "private"})).json()["link"] is None
    problem(await stranger.get(link), 404, "not_on_shelf")
    await person.post(f"{url}/share", json={"visibility": "public"})
    assert [s["id"] for s in (await stranger.get(SPELLS, params={"public": True})).json()["items"]] == [spell["id"]]
    assert (await stranger.post(f"{url}/fork", json={})).status_code == 201
    for attempt in (stranger.delete(url), stranger.patch(url, json={"title": "Mine"}),
                    stranger.post(f"{url}/share", json={"visibility": "link"})):  # fmt: skip
        problem(await attempt, 404, "not_on_shelf")


async def test_a_file_goes_out_and_comes_in(site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    spell = await saved(site, person)
    file = (await person.get(f"{SPELLS}/{spell['id']}/export")).json()
    brought = await stranger.post(f"{SPELLS}/import", json=file)
    assert (brought.status_code, brought.json()["steps"]) == (201, spell["steps"])
    file["spell"]["title"] = "Other"
    problem(await stranger.post(f"{SPELLS}/import", json=file), 422, "bad_spell")


@pytest.mark.parametrize(
    "change",
    [
        {"steps": [{"id": "s1", "tool": "nothing"}]},
        {"steps": [{"id": "s1", "tool": "scale", "params": {"factor": "{x}"}, "inputs": {"image": ["$image"]}}]},
        {"ports": {}},
        {"blanks": {"unused": {"type": "string"}}},
        {"blanks": {"subject": {"type": "nonsense"}}},
        {"steps": [{"wrong": 1}]},
    ],
)
async def test_a_change_that_does_not_hold_together_is_refused(
    site: Site, person: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    url = f"{SPELLS}/{(await saved(site, person))['id']}"
    problem(await person.patch(url, json=change), 422, "bad_spell")
    assert (await person.get(url)).json()["version"] == 1


async def test_work_is_ordered_without_a_conversation(site: Site, person: httpx.AsyncClient) -> None:
    asset = await picture(site, person)
    given = {"image": [{"asset_id": asset}]}
    spell = await saved(site, person)
    orders = [
        {"tool": "scale", "params": {"factor": 4}, "inputs": given},
        {"spell": spell["id"], "inputs": given},
        {"spell": spell["id"], "version": 1, "inputs": given},
        {"plan": {"steps": [{"id": "a", "tool": "scale", "inputs": given},
                            {"id": "b", "tool": "scale", "inputs": {"image": [{"step_id": "a"}]}}]}},
        {"plan": {"steps": [{"id": "a", "tool": spell["name"], "inputs": given},
                            {"id": "b", "tool": "scale", "inputs": {"image": [{"step_id": "a"}]}}]}},
    ]  # fmt: skip
    tools = []
    for order in orders:
        answer = await person.post("/api/v1/runs", json=order)
        assert answer.status_code == 202, answer.text
        run = (await person.get(f"/api/v1/runs/{answer.json()['run_id']}")).json()
        tools.append([(step["id"], step["params"]["factor"], step["deliver"]) for step in run["plan"]["steps"]])
    assert tools == [
        [("s1", 4.0, True)], [("s1", 3.0, True)], [("s1", 3.0, True)],
        [("a", 2.0, False), ("b", 2.0, True)], [("a", 3.0, False), ("b", 2.0, True)],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({}, 422, "invalid_input"),
        ({"tool": "scale", "plan": {"steps": [{"id": "a", "tool": "scale"}]}}, 422, "invalid_input"),
        ({"tool": "nothing"}, 404, "tool_not_found"),
        ({"tool": "my/3fa9c1@1"}, 404, "tool_not_found"),
        ({"tool": "scale"}, 422, "bad_input"),
        ({"tool": "scale", "params": {"factor": "x"}}, 422, None),
        ({"tool": "scale", "inputs": {"image": [{"asset_id": new_id()}]}}, 404, "asset_not_found"),
        ({"tool": "scale", "inputs": {"image": [{"step_id": "s9"}]}}, 422, "bad_input"),
        ({"spell": new_id()}, 404, "not_on_shelf"),
    ],
)
async def test_an_order_that_cannot_be_done_says_why(
    person: httpx.AsyncClient, order: dict[str, Any], status: int, code: str | None
) -> None:
    answer = await person.post("/api/v1/runs", json=order)
    problem(answer, status, code or answer.json()["code"])


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "Give one of plan, tool and spell."),
        ({"tool": "scale", "inputs": {"image": ["A1"]}}, 'Name an asset as {"asset_id": ...}, or a step as {"step_id": ...}.'),
        ({"tool": "scale", "inputs": {"image": [{}]}}, 'Name either an asset, {"asset_id": ...}, or a step, {"step_id": ...}.'),
    ],
)  # fmt: skip
async def test_an_order_of_the_wrong_shape_hears_which_is_right(person: httpx.AsyncClient, order: Any, said: str) -> None:
    answer = problem(await person.post("/api/v1/runs", json=order), 422, "invalid_input")
    assert [error["detail"] for error in answer["errors"]] == [said]


PLAN = {"steps": [{"id": "a", "tool": "scale"}]}


@pytest.mark.parametrize(
    ("order", "pointer", "words"),
    [
        ({"plan": PLAN, "params": {"factor": 2}}, "#/params", "`params` belongs to a tool, not to a plan."),
        ({"plan": PLAN, "version": 3}, "#/version", "`version` belongs to a spell, not to a plan."),
        ({"plan": PLAN, "inputs": {"image": []}}, "#/inputs", "`inputs` belongs to a tool or a spell, not to a plan."),
        ({"tool": "scale", "blanks": {"subject": "x"}}, "#/blanks", "`blanks` belongs to a spell, not to a tool."),
        ({"spell": new_id(), "params": {"x": 1}}, "#/params", "`params` belongs to a tool, not to a spell."),
        ({"tool": "scale", "params": {"a": ["x", "\0"]}}, "#/params/a/1", "A text holds no NUL character."),
        ({"tool": "scale", "params": {"\0": 1}}, "#/params", "A text holds no NUL character."),
    ],
)  # fmt: skip
async def test_a_field_that_cannot_be_meant_is_pointed_at(
    person: httpx.AsyncClient, order: Any, pointer: str, words: str
) -> None:
    answer = problem(await person.post("/api/v1/runs", json=order), 422, "invalid_input")
    assert answer["errors"] == [{"pointer": pointer, "detail": words}]


async def test_empty_fields_of_another_form_say_nothing(site: Site, person: httpx.AsyncClient) -> None:
    """Typed clients send every field that there is."""
    order = {"tool": "scale", "inputs": {"image": [{"asset_id": await picture(site, person)}]}}
    more: dict[str, Any] = {"plan": None, "spell": None, "version": None, "blanks": {}}
    assert (await person.post("/api/v1/runs", json={**order, **more})).status_code == 202


async def test_a_number_that_is_none_and_json_that_has_no_end_are_told_as_such(person: httpx.AsyncClient) -> None:
    json = {"content-type": "application/json"}
    body = b'{"tool": "scale", "params": {"factor": NaN}}'
    answer = problem(await person.post("/api/v1/runs", content=body, headers=json), 422, "invalid_input")
    assert answer["errors"] == [{"pointer": "#/params/factor", "detail": "NaN and Infinity are no numbers here."}]
    answer = problem(await person.post("/api/v1/runs", content=b"[" * 100_000, headers=json), 400, "invalid_json")
    assert "nested too deeply" in answer["detail"]


async def test_a_program_says_no_more_at_once_than_a_person(site: Site, person: httpx.AsyncClient) -> None:
    for order in ({"tool": "scale", "params": {"x": "a" * 8_001}}, {"plan": {"steps": [
        {"id": "a", "tool": "scale"}, {"id": "b", "tool": "scale", "params": {"x": "a" * 8_001}}]}}):  # fmt: skip
        answer = problem(await person.post("/api/v1/runs", json=order), 422, "text_too_long")
        assert (answer["maximum"], answer["parameter"]) == (8_000, "x")


async def test_a_plan_that_runs_in_a_circle_is_told_in_words_for_a_program(person: httpx.AsyncClient) -> None:
    def order(first: str, second: str) -> dict[str, Any]:
        steps = [{"id": name, "tool": "scale", "inputs": {"image": [{"step_id": source}]}}
                 for name, source in (("s1", first), ("s2", second))]  # fmt: skip
        return {"plan": {"steps": steps}}

    for first, words in (("s2", "what s2 makes, which comes only after it"), ("s1", "its own result")):
        answer = problem(await person.post("/api/v1/runs", json=order(first, "s1")), 422, "bad_plan")
        assert (answer["detail"], answer["step"]) == (f"Step s1 takes {words}.", "s1")
        assert "order" in answer["action"]


async def test_a_version_that_is_not_there_is_told_with_those_that_are(
    site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    spell = await saved(site, person)
    order = {"spell": spell["id"], "version": 9}
    answer = problem(await person.post("/api/v1/runs", json=order), 404, "not_on_shelf")
    assert (answer["detail"], answer["newest"]) == ("There is no version 9 of this; it has versions 1 to 1.", 1)
    assert "newest" not in problem(await stranger.post("/api/v1/runs", json=order), 404, "not_on_shelf")


async def test_tools_come_in_pages_to_the_end(site: Site, person: httpx.AsyncClient) -> None:
    site.behind.catalogue.found = 7
    seen: list[str] = []
    asked: dict[str, Any] = {"limit": 3, "q": "scale"}
    for size in (3, 3, 1):
        page = (await person.get("/api/v1/tools", params=asked)).json()
        assert len(page["items"]) == size
        seen += [tool["name"] for tool in page["items"]]
        asked["after"] = page["next"]
    assert asked["after"] is None
    assert len(set(seen)) == 7
    runs = (await person.get("/api/v1/tools", params={"limit": 3})).json()["next"]
    problem(await person.get("/api/v1/tools", params={"after": runs[:-2]}), 422, "invalid_cursor")


async def test_work_may_be_ordered_anew_and_a_run_tells_what_it_cost(site: Site, person: httpx.AsyncClient) -> None:
    given = {"image": [{"asset_id": await picture(site, person)}]}
    again = {"id": "a", "tool": "scale", "inputs": given, "fresh": True}
    plan = {"steps": [again, {"id": "b", "tool": "scale", "inputs": given}]}
    fresh = []
    for order in ({"tool": "scale", "inputs": given}, {"tool": "scale", "inputs": given, "fresh": True}, {"plan": plan},
                  {"plan": plan, "fresh": True}):  # fmt: skip
        run_id = (await person.post("/api/v1/runs", json=order)).json()["run_id"]
        run = (await person.get(f"/api/v1/runs/{run_id}")).json()
        fresh.append([step["fresh"] for step in run["plan"]["steps"]])
        assert run["cost"] == {"credits": 0.0, "gpu_s": 0.0}
    assert fresh == [[False], [True], [True, False], [True, True]]


async def test_a_spell_without_its_picture_says_what_is_missing(site: Site, person: httpx.AsyncClient) -> None:
    spell = await saved(site, person)
    answer = problem(await person.post("/api/v1/runs", json={"spell": spell["id"]}), 422, "blank_missing")
    assert answer["blanks"] == ["image"]


async def test_somebody_elses_picture_is_not_saved(
    site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    theirs = await picture(site, person)
    problem(await stranger.post(SPELLS, json={"title": "x", "asset_id": theirs}), 404, "asset_not_found")


NOBODYS = "0193f000-0000-7000-8000-0000000000aa"


@pytest.mark.parametrize(
    ("order", "status", "code", "pointer"),
    [
        (
            {"tool": "scale", "params": {"factr": 2}, "inputs": {"image": [{"asset_id": "MINE"}]}}, 422, "bad_parameter",
            "#/params/factr",
        ),
        (
            {"plan": {"steps": [
                {"id": "s1", "tool": "scale", "inputs": {"image": [{"asset_id": "MINE"}]}},
                {"id": "s2", "tool": "scale", "params": {"factor": "x"}, "inputs": {"image": [{"step_id": "s1"}]}},
            ]}}, 422, "bad_parameter", "#/plan/steps/1/params/factor",
        ),
        ({"tool": "scale", "inputs": {"image": [{"asset_id": NOBODYS}]}}, 404, "asset_not_found", "#/inputs/image/0"),
        ({"tool": "scale", "inputs": {"a/b": [{"asset_id": "MINE"}]}}, 422, "bad_input", "#/inputs/a~1b"),
    ],
)  # fmt: skip
async def test_what_a_run_is_refused_for_is_pointed_at(
    site: Site, person: httpx.AsyncClient, order: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    mine = await picture(site, person)
    body = json.dumps(order).replace("MINE", mine)
    told = problem(await person.post("/api/v1/runs", content=body, headers={"content-type": "application/json"}), status, code)
    assert [error["pointer"] for error in told["errors"]] == [pointer]


async def test_an_asset_that_is_not_there_is_named_with_its_place(person: httpx.AsyncClient) -> None:
    order = {"plan": {"steps": [{"id": "s4", "tool": "scale", "inputs": {"image": [{"asset_id": NOBODYS}]}}]}}
    told = problem(await person.post("/api/v1/runs", json=order), 404, "asset_not_found")
    assert told["detail"] == f"There is no asset {NOBODYS}, or it is not yours: step s4 takes it as its input image."
    assert {key: told[key] for key in ("asset_id", "step", "port", "number")} == {
        "asset_id": NOBODYS, "step": "s4", "port": "image", "number": 0,
    }  # fmt: skip
