"""Programs that order pictures over HTTP and insist until they hear that the order was taken."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from typing import Any

import httpx

from base.http import client
from base.ids import new_id
from evals.chaos.model import Ordered

ANSWER_S = 15.0
AT_ONCE = 12
AGAIN = frozenset({408, 409, 425, 429})
"""Statuses of refusals that a repetition may outlive; so may whatever is the server's own fault."""
OVER = frozenset({"completed", "failed", "cancelled"})
_ASK_S = 0.5
_SIDE = 256


class Doors:
    """The addresses of all web processes; who is not answered at one knocks at the next."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls, self._at = tuple(urls), 0

    def next(self) -> str:
        self._at += 1
        return self._urls[self._at % len(self._urls)]


async def new_customer(doors: Doors) -> str:
    """A bearer token of an account of its own."""
    async with client(doors.next(), read_s=60) as http:
        answer = await http.post("/api/v1/me/tokens", json={"name": "chaos"})
        answer.raise_for_status()
        return str(answer.json()["token"])


def orders(jobs: int, seed: int, customers: int) -> list[Ordered]:
    """So many steps: mostly one picture, now and then one with its half beside it, now and then the same once more."""
    chance = random.Random(seed)
    made: list[Ordered] = []
    left = jobs
    while left > 0:
        kind = chance.random()
        body = _pair(chance) if kind < 0.2 and left > 1 else _single(chance)
        customer = chance.randrange(customers)
        if kind > 0.95 and made and "tool" in made[-1].body:
            body, customer = made[-1].body, made[-1].customer
        made.append(Ordered(new_id(), body, customer))
        left -= len(body["plan"]["steps"]) if "plan" in body else 1
    return made


class Crowd:
    """Posts orders, a few at once, each until it is answered for good."""

    def __init__(self, doors: Doors, tokens: Sequence[str], seed: int) -> None:
        self._doors, self._tokens, self._chance = doors, tuple(tokens), random.Random(seed)

    async def order(self, ordered: Sequence[Ordered]) -> None:
        waiting = iter(ordered)
        async with client(read_s=ANSWER_S) as http:

            async def customer() -> None:
                for one in waiting:
                    await self.insist(http, one)

            await asyncio.gather(*(customer() for _ in range(AT_ONCE)))

    async def insist(self, http: httpx.AsyncClient, one: Ordered) -> None:
        """Until it is answered for good."""
        while one.run_id is None and one.refusal is None:
            one.tries += 1
            wait_s = await self._try(http, one)
            await asyncio.sleep(wait_s * self._chance.uniform(0.7, 1.3))

    async def until_over(self, http: httpx.AsyncClient, one: Ordered) -> None:
        """Ask again and again, at whichever door, until its run has ended."""
        headers = {"Authorization": f"Bearer {self._tokens[one.customer]}"}
        while one.run_id is not None:
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.get(f"{self._doors.next()}/api/v1/runs/{one.run_id}", headers=headers)
                if answer.status_code == 200 and answer.json()["status"] in OVER:
                    return
            await asyncio.sleep(_ASK_S)

    async def _try(self, http: httpx.AsyncClient, one: Ordered) -> float:
        """Seconds to wait before the next try, where one is needed."""
        headers = {"Authorization": f"Bearer {self._tokens[one.customer]}", "Idempotency-Key": one.key}
        try:
            answer = await http.post(self._doors.next() + "/api/v1/runs", json=one.body, headers=headers)
        except httpx.HTTPError:
            return 0.5
        if answer.status_code == 202:
            one.run_id = answer.json()["run_id"]
        elif answer.status_code < 500 and answer.status_code not in AGAIN:
            one.refusal = f"{answer.status_code} {answer.json().get('code')}"
        else:
            return min(5.0, float(answer.headers.get("retry-after", 0.5)))
        return 0.0


def _single(chance: random.Random) -> dict[str, Any]:
    return {"tool": "text_to_image", "params": _params(chance)}


def _pair(chance: random.Random) -> dict[str, Any]:
    half = {"id": "s2", "tool": "resize_image", "params": {"factor": 0.5}, "inputs": {"image": [{"step_id": "s1"}]}}
    first = {"id": "s1", "tool": "text_to_image", "params": _params(chance), "deliver": True}
    return {"plan": {"steps": [first, {**half, "deliver": True}]}}


def _params(chance: random.Random) -> dict[str, Any]:
    return {"prompt": "a lighthouse", "width": _SIDE, "height": _SIDE, "steps": 4, "seed": chance.randrange(2**48)}
