"""Dead letters over the admin API."""

from __future__ import annotations

import httpx

from base.ids import new_id
from executor import store
from executor.model import Fault, FaultKind, Owner
from executor.retries import Over, Retry
from tests.executor.conftest import SECRET, create
from tests.web.conftest import Site, problem
from tools.model import Plan

ADMIN = {"Authorization": "Bearer admin-secret"}
URL = "/api/v1/admin/dead-letters"
FAULT = Fault(FaultKind.HOST, "host_failed", None, {"exception_message": SECRET})


async def _given_up(site: Site, client: httpx.AsyncClient) -> tuple[str, str]:
    """A job that a host failed over until there was no attempt left: its id and its scope."""
    conversation = (await client.post("/api/v1/conversations")).json()["id"]
    account_id = (await client.get("/api/v1/me")).json()["account_id"]
    owner = Owner(account_id, "standard", f"conversation:{conversation}")
    life, plan = site.behind.lifecycle, Plan(id="p", summary=SECRET, steps=(create(),))
    async with site.behind.studio.db.write() as tx:
        run_id = await life.start(tx, plan, owner, origin=None, correlation_id="c", waiting=False)
        [row] = await store.open_jobs(tx, run_id)
        decision: Retry | Over | None = Retry(0.0)
        while isinstance(decision, Retry):
            claim = await life.claim(tx, row["id"], "host-1", "worker-1", 90.0)
            assert claim is not None
            decision = await life.setback(tx, claim, FAULT, elsewhere=False, patience_s=60.0, pauses=(0.0, 0.0, 0.0))
    return str(row["id"]), owner.scope


async def test_an_operator_looks_retries_and_drops(both_sites: Site) -> None:
    async with both_sites.client() as person, both_sites.client(**ADMIN) as operator:
        first, _ = await _given_up(both_sites, person)
        second, _ = await _given_up(both_sites, person)
        listed = (await operator.get(URL, params={"limit": 1})).json()
        assert [job["id"] for job in listed["items"]] == [second]
        assert [job["id"] for job in (await operator.get(URL, params={"after": listed["next"]})).json()["items"]] == [first]
        shown = await operator.get(f"{URL}/{first}")
        assert SECRET not in shown.text
        assert (shown.json()["status"], shown.json()["attempts"], shown.json()["facts"]) == ("dead", 4, None)
        assert shown.json()["setbacks"][0]["instance"] == "host-1"
        again = await operator.post(f"{URL}/{first}/retry")
        assert again.status_code == 202
        async with both_sites.behind.studio.db.read() as tx:
            assert [row["run_id"] for row in await store.queued(tx)] == [again.json()["run_id"]]
        problem(await operator.post(f"{URL}/{first}/retry"), 404, "dead_letter_not_found")
        assert (await operator.delete(f"{URL}/{second}")).status_code == 204
        assert (await operator.get(URL)).json()["items"] == []


async def test_nobody_else_may(site: Site) -> None:
    async with site.client() as person:
        job_id, _ = await _given_up(site, person)
        one = f"{URL}/{job_id}"
        for method, url in (("GET", URL), ("GET", one), ("POST", f"{one}/retry"), ("DELETE", one)):
            problem(await person.request(method, url), 401, "admin_only")
    async with site.client(**ADMIN) as operator:
        problem(await operator.get(f"{URL}/{new_id()}"), 404, "dead_letter_not_found")


async def test_what_was_forgotten_can_only_be_dropped(site: Site) -> None:
    async with site.client() as person, site.client(**ADMIN) as operator:
        job_id, scope = await _given_up(site, person)
        assert (await person.delete(f"/api/v1/conversations/{scope.partition(':')[2]}")).status_code == 204
        problem(await operator.post(f"{URL}/{job_id}/retry"), 410, "key_lost")
        assert (await operator.delete(f"{URL}/{job_id}")).status_code == 204
