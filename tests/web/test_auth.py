"""Who may do what: cookies, tokens, origins, strangers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from base.ids import new_id
from base.settings import Settings
from executor.model import Owner
from tests.web.conftest import Site, problem

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"
READS = ["/conversations", "/assets", "/runs", "/me", "/me/credits", "/me/tokens"]


@pytest.mark.parametrize(
    "path",
    [
        *READS,
        f"/conversations/{UNKNOWN}",
        f"/conversations/{UNKNOWN}/events",
        f"/assets/{UNKNOWN}/content",
        f"/runs/{UNKNOWN}",
    ],
)
async def test_a_read_without_credentials_makes_no_account(site: Site, path: str) -> None:
    async with site.client() as client:
        answer = await client.get(f"/api/v1{path}")
    problem(answer, 401, "no_account")
    assert "set-cookie" not in answer.headers
    assert await site.behind.studio.accounts.count() == 0


async def test_the_first_post_makes_an_account_in_a_cookie(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/api/v1/conversations")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie
        assert len((await client.get("/api/v1/conversations")).json()["items"]) == 1
        assert "set-cookie" not in (await client.post("/api/v1/conversations")).headers
    assert await site.behind.studio.accounts.count() == 1


async def test_on_https_the_cookie_is_secure(site: Site) -> None:
    async with site.client(**{"X-Forwarded-Proto": "https"}) as client:
        assert "Secure" in (await client.post("/api/v1/conversations")).headers["set-cookie"]


async def test_other_writes_without_credentials_make_no_account(site: Site) -> None:
    async with site.client() as client:
        problem(await client.delete(f"/api/v1/conversations/{new_id()}"), 401, "no_account")
        problem(
            await client.patch(f"/api/v1/conversations/{new_id()}", json={"title": "x"}), 401, "no_account"
        )
    assert await site.behind.studio.accounts.count() == 0


async def test_the_page_makes_an_account_once(site: Site) -> None:
    async with site.client() as client:
        assert (await client.get("/")).headers["location"] == "/agent"
        assert "set-cookie" in (await client.get("/agent")).headers
        assert "set-cookie" not in (await client.get("/chat")).headers
        assert (await client.get("/api/v1/me")).status_code == 200


async def test_a_forged_cookie_is_nobody(site: Site, person: httpx.AsyncClient) -> None:
    async with site.client() as client:
        client.cookies.set("stationthis", person.cookies["stationthis"][:-3] + "abc")
        problem(await client.get("/api/v1/me"), 401, "no_account")


async def test_a_token_is_shown_once_and_opens_the_account(site: Site, person: httpx.AsyncClient) -> None:
    made = (await person.post("/api/v1/me/tokens", json={"name": "laptop"})).json()
    assert set(made) == {"id", "token"}
    listed = (await person.get("/api/v1/me/tokens")).json()
    assert [item["name"] for item in listed["items"]] == ["laptop"]
    assert made["token"] not in str(listed)
    async with site.client(Authorization=f"Bearer {made['token']}") as program:
        mine, theirs = await program.get("/api/v1/me"), await person.get("/api/v1/me")
        assert mine.json()["account_id"] == theirs.json()["account_id"]
        assert (
            await program.post("/api/v1/conversations", headers={"Origin": "https://elsewhere.test"})
        ).status_code == 201
        assert (await person.delete(f"/api/v1/me/tokens/{made['id']}")).status_code == 204
        problem(await program.get("/api/v1/me"), 401, "bad_token")


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic dTpw", f"Bearer st_{'x' * 43}"])
async def test_a_bad_token_never_falls_back_to_the_cookie(person: httpx.AsyncClient, header: str) -> None:
    problem(await person.get("/api/v1/me", headers={"Authorization": header}), 401, "bad_token")
    answer = await person.post("/api/v1/conversations", headers={"Authorization": header})
    problem(answer, 401, "bad_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:1"])
async def test_another_site_s_page_cannot_write(site: Site, person: httpx.AsyncClient, origin: str) -> None:
    headers = {"Origin": origin}
    problem(await person.post("/api/v1/conversations", headers=headers), 403, "wrong_origin")
    problem(await person.delete(f"/api/v1/conversations/{new_id()}", headers=headers), 403, "wrong_origin")
    async with site.client() as newcomer:
        problem(await newcomer.post("/api/v1/conversations", headers=headers), 403, "wrong_origin")
    assert await site.behind.studio.accounts.count() == 1


async def test_our_own_page_writes(site: Site, person: httpx.AsyncClient) -> None:
    assert (await person.post("/api/v1/conversations", headers={"Origin": site.url})).status_code == 201


async def test_cors_is_closed(person: httpx.AsyncClient) -> None:
    answer = await person.get("/api/v1/me", headers={"Origin": "https://evil.test"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
    assert (await person.options("/api/v1/conversations", headers=preflight)).status_code == 405


class TestWithAnAllowedOrigin:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"cors_origins": ("https://friend.test",)})

    async def test_only_that_origin_is_let_in(self, person: httpx.AsyncClient) -> None:
        friend, other = {"Origin": "https://friend.test"}, {"Origin": "https://evil.test"}
        answer = await person.post("/api/v1/conversations", headers=friend)
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == "https://friend.test"
        assert "access-control-allow-origin" not in (await person.get("/api/v1/me", headers=other)).headers


CALLS: dict[str, Callable[[httpx.AsyncClient, str], object]] = {
    "conversation_not_found": lambda c, i: [
        c.get(f"/api/v1/conversations/{i}"),
        c.patch(f"/api/v1/conversations/{i}", json={"title": "mine"}),
        c.delete(f"/api/v1/conversations/{i}"),
        c.get(f"/api/v1/conversations/{i}/events"),
        c.post(f"/api/v1/conversations/{i}/messages", json={"text": "hello"}),
    ],
    "asset_not_found": lambda c, i: [
        c.get(f"/api/v1/assets/{i}"), c.get(f"/api/v1/assets/{i}/content"), c.delete(f"/api/v1/assets/{i}"),
    ],
    "run_not_found": lambda c, i: [
        c.get(f"/api/v1/runs/{i}"), c.post(f"/api/v1/runs/{i}/confirm"), c.post(f"/api/v1/runs/{i}/cancel"),
    ],
    "turn_not_found": lambda c, i: [
        c.post(f"/api/v1/turns/{i}/retry"), c.post(f"/api/v1/turns/{i}/feedback", json={"rating": "up"}),
    ],
    "token_not_found": lambda c, i: [c.delete(f"/api/v1/me/tokens/{i}")],
}  # fmt: skip


@pytest.mark.parametrize("code", CALLS)
@pytest.mark.parametrize("id", [UNKNOWN, "nonsense", "%00", "..%2f..", "x" * 300, "ünïcode"])
async def test_unknown_ids_are_not_found(person: httpx.AsyncClient, code: str, id: str) -> None:
    for call in CALLS[code](person, id):  # type: ignore[attr-defined]
        problem(await call, 404, code if "%2f" not in id else "not_found")


async def test_somebody_else_s_things_are_not_found(
    site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    conversation = (await person.post("/api/v1/conversations")).json()["id"]
    turn = (
        await person.post(f"/api/v1/conversations/{conversation}/messages", json={"text": "a fox"})
    ).json()["turn_id"]
    token = (await person.post("/api/v1/me/tokens", json={"name": "laptop"})).json()["id"]
    me = (await person.get("/api/v1/me")).json()["account_id"]
    asset = site.behind.assets.keep(b"x", Owner(me, "standard", f"account:{me}"), None, new_id()).id
    ids = {
        "conversation_not_found": conversation,
        "asset_not_found": asset,
        "turn_not_found": turn,
        "token_not_found": token,
    }
    for code, id in ids.items():
        for call in CALLS[code](stranger, id):  # type: ignore[attr-defined]
            problem(await call, 404, code)
    attached = await stranger.post(
        f"/api/v1/conversations/{(await stranger.get('/api/v1/conversations')).json()['items'][0]['id']}/messages",
        json={"text": "this one", "attachments": [asset]},
    )
    problem(attached, 404, "asset_not_found")
    assert (await stranger.get("/api/v1/assets")).json()["items"] == []


async def test_an_address_makes_so_many_accounts_and_this_machine_as_many_as_it_likes(site: Site, static: Path) -> None:
    most = site.settings.limits.new_accounts
    async with site.client(**{"X-Forwarded-For": "203.0.113.9"}) as client:
        for _ in range(most):
            assert (await client.post("/api/v1/me/tokens", json={"name": "x"})).status_code == 201
            client.cookies.clear()
        answer = await client.post("/api/v1/me/tokens", json={"name": "x"})
        body = problem(answer, 429, "too_many_accounts")
        assert 3500 < int(answer.headers["retry-after"]) <= 3600
        assert f"no more than {most}" in body["detail"]
        page = await client.get("/agent")
        assert (page.status_code, "retry-after" in page.headers, "set-cookie" in page.headers) == (429, True, False)
        assert page.headers["content-type"].startswith("text/html")
    async with site.client() as client:
        assert (await client.post("/api/v1/me/tokens", json={"name": "x"})).status_code == 201
    assert await site.behind.studio.accounts.count() == most + 1
