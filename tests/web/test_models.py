"""LoRAs and models over HTTP: one's own, everybody's, and what an admin agrees to."""

from __future__ import annotations

import httpx
import pytest

from tests.web.conftest import Site, problem
from tools.registry.errors import BadModelUrl

ADMIN = {"Authorization": "Bearer admin-secret"}
MARZIPAN = {"title": "Marzipan tower", "file": "marzipan.safetensors", "base": "sdxl", "triggers": ["marzipan tower"]}
URL = "https://huggingface.co/o/sdxl-styles/blob/main/loras/ink.safetensors"


async def decided(client: httpx.AsyncClient, id: str, state: str) -> httpx.Response:
    return await client.patch(f"/api/v1/admin/registrations/{id}", json={"state": state}, headers=ADMIN)


async def test_a_lora_is_ones_own_until_an_admin_agrees(site: Site) -> None:
    async with site.client() as ann, site.client() as bob:
        made = await ann.post("/api/v1/loras", json=MARZIPAN)
        assert made.status_code == 201, made.text
        lora = made.json()
        assert (lora["name"], lora["visibility"], lora["own"]) == ("marzipan-tower", "private", True)
        assert lora["commercial"] == "unknown"
        await bob.post("/api/v1/conversations", json={})
        mine, theirs = [(await c.get("/api/v1/loras?q=marzipan")).json()["items"] for c in (ann, bob)]
        assert ([m["id"] for m in mine], theirs) == ([lora["id"]], [])
        problem(await bob.patch(f"/api/v1/loras/{lora['id']}", json={"weight": 0.5}), 404, "not_registered")
        problem(await bob.delete(f"/api/v1/loras/{lora['id']}"), 404, "not_registered")
        asked = await ann.post(f"/api/v1/loras/{lora['id']}/publish")
        assert asked.json()["visibility"] == "proposed"
        (waiting,) = (await ann.get("/api/v1/admin/registrations", headers=ADMIN)).json()["items"]
        assert (waiting["kind"], waiting["content"]["title"]) == ("lora", "Marzipan tower")
        assert (await decided(ann, waiting["id"], "public")).status_code == 204
        (seen,) = (await bob.get("/api/v1/loras?q=marzipan")).json()["items"]
        assert (seen["visibility"], seen["own"]) == ("public", False)


async def test_a_lora_is_changed_and_removed(site: Site) -> None:
    async with site.client() as client:
        id = (await client.post("/api/v1/loras", json=MARZIPAN)).json()["id"]
        changed = (await client.patch(f"/api/v1/loras/{id}", json={"weight": 0.5, "triggers": ["tower of marzipan"]})).json()
        assert (changed["weight"], changed["triggers"], changed["title"]) == (0.5, ["tower of marzipan"], "Marzipan tower")
        assert (await client.delete(f"/api/v1/loras/{id}")).status_code == 204
        assert (await client.get("/api/v1/loras?q=marzipan")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**MARZIPAN, "file": "../../etc/passwd.safetensors"}, "bad_lora"),
        ({**MARZIPAN, "base": "abacus"}, "bad_lora"),
        ({**MARZIPAN, "source": "https://169.254.169.254/x.safetensors"}, BadModelUrl.code),
        ({**MARZIPAN, "weight": 40}, "invalid_input"),
        ({**MARZIPAN, "colour": "red"}, "invalid_input"),
    ],
)
async def test_what_makes_no_sense_is_refused(site: Site, body: dict[str, object], code: str) -> None:
    async with site.client() as client:
        problem(await client.post("/api/v1/loras", json=body), 422, code)


async def test_a_model_is_proposed_refused_and_proposed_again(site: Site) -> None:
    async with site.client() as client:
        made = (await client.post("/api/v1/models", json={"url": URL})).json()
        assert (made["id"], made["base"], made["state"]) == ("loras-ink", "sdxl", "proposed")
        problem(await client.post("/api/v1/models", json={"url": URL}), 409, "model_exists")
        (waiting,) = (await client.get("/api/v1/admin/registrations", headers=ADMIN)).json()["items"]
        assert (await decided(client, waiting["id"], "private")).status_code == 204
        problem(await decided(client, waiting["id"], "private"), 409, "not_waiting")
        listed = (await client.get("/api/v1/models?q=ink sdxl")).json()["items"]
        assert "loras-ink" in [model["id"] for model in listed]


async def test_the_registry_is_listed_with_its_terms(site: Site) -> None:
    async with site.client() as client:
        await client.post("/api/v1/conversations", json={})
        (found,) = (await client.get("/api/v1/models?q=flux1-dev diffusion text&limit=1")).json()["items"]
        assert (found["commercial"], found["licence"]) == ("no", "FLUX.1 [dev] Non-Commercial License")


async def test_nobody_decides_without_the_admins_key_and_a_list_needs_an_account(site: Site) -> None:
    async with site.client() as client:
        problem(await client.get("/api/v1/loras"), 401, "no_account")
        assert (await client.get("/api/v1/admin/registrations")).status_code in (401, 403)
        problem(await decided(client, "nonsense", "public"), 404, "not_registered")
