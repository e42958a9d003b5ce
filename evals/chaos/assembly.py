"""A whole house put together from real programs, its links breakable: servers, proxies, workers, webs, renderers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text

from base import schema
from base.db import Database
from base.testing import held_port
from evals.chaos import programs
from evals.chaos.customers import Doors
from evals.chaos.model import Size
from evals.chaos.programs import Program, Ready
from evals.chaos.proxy import Proxy, to_port, to_socket_file
from evals.servers import RedisServer, postgres_server, redis_server
from tools.service import all_tools

START_S = 600.0
_SOCKET_FILE = ".s.PGSQL.5432"


@dataclass
class House:
    """What runs, and how to reach it."""

    programs: dict[str, Program]
    links: dict[str, Proxy]
    redis: RedisServer
    db: Database
    """Past the link that breaks."""
    webs: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    keeping: list[asyncio.Task[None]]

    async def close(self) -> None:
        """End all programs; the servers stay until the end."""
        for task in self.keeping:
            task.cancel()
        await asyncio.gather(*self.keeping, return_exceptions=True)

    @property
    def doors(self) -> Doors:
        return Doors(self.webs)

    @property
    def cast(self) -> list[str]:
        """Whom the monkey may hit."""
        return sorted({*self.programs, *self.links})


@asynccontextmanager
async def open_house(size: Size, folder: Path) -> AsyncIterator[House]:
    """Started and ready. Everything lies in `folder`; a data folder that is there already is used."""
    async with AsyncExitStack() as stack:
        database = stack.enter_context(postgres_server(folder / "pg"))
        redis = stack.enter_context(redis_server(folder / "redis"))
        await schema.upgrade(database)
        db = Database(database)
        stack.push_async_callback(db.close)
        ports = [stack.enter_context(held_port()) for _ in range(size.renderers)]
        links = {f"renderer-{n}": Proxy(to_port(port)) for n, port in enumerate(ports, 1)}
        links["redis"] = Proxy(to_port(redis.port))
        links["postgres"] = Proxy(to_socket_file(f"{_socket_folder(database)}/{_SOCKET_FILE}"))
        for link in links.values():
            await link.start()
            stack.push_async_callback(link.stop)
        environment = _environment(size, folder / "data", links)
        await asyncio.to_thread(all_tools, folder / "data" / "cache")
        doors = [stack.enter_context(held_port()) for _ in range(size.webs)]
        kept = _programs(size, folder, ports, doors, environment, _on_the_roster(db))
        webs = tuple(f"http://127.0.0.1:{port}" for port in doors)
        keeping = [asyncio.create_task(program.keep()) for program in kept.values()]
        house = House(kept, links, redis, db, webs, folder, environment, keeping)
        stack.push_async_callback(house.close)
        await _until_all_are_there(kept.values())
        yield house


async def sweep(house: House) -> dict[str, int]:
    """What `stationthis assets sweep` finds when nothing is too young for it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stationthis", "assets", "sweep", "--grace-hours", "0",
        env={**os.environ, **house.environment}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    told, _ = await process.communicate()
    found: dict[str, int] = json.loads(told)
    return found


def _environment(size: Size, data: Path, links: dict[str, Proxy]) -> dict[str, str]:
    data.mkdir(parents=True, exist_ok=True)
    servers = [f"http://127.0.0.1:{links[f'renderer-{n}'].port}" for n in range(1, size.renderers + 1)]
    return {
        "STATIONTHIS_DATA": str(data),
        "STATIONTHIS_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{links['postgres'].port}/postgres",
        "STATIONTHIS_REDIS_URL": f"redis://127.0.0.1:{links['redis'].port}/0",
        "STATIONTHIS_COMFY_URLS": ",".join(servers),
        "STATIONTHIS_LIMITS__LEASE_SECONDS": str(size.lease_s),
        "STATIONTHIS_LIMITS__RETRY_SECONDS": "[0, 1, 3]",
        "OMP_NUM_THREADS": "1",  # many processes share this machine
    }


def _programs(
    size: Size, folder: Path, ports: Sequence[int], doors: Sequence[int], environment: dict[str, str], at_work: Ready
) -> dict[str, Program]:
    kept = [programs.renderer(n, port, folder, size.step_s) for n, port in enumerate(ports, 1)]
    kept += [programs.worker(n, environment, folder, at_work) for n in range(1, size.workers + 1)]
    kept += [programs.web(n, port, environment, folder) for n, port in enumerate(doors, 1)]
    return {program.name: program for program in kept}


def _on_the_roster(db: Database) -> Ready:
    async def ready(program: Program) -> bool:
        async with db.read() as tx:
            return program.pid in [row["pid"] for row in await tx.all(text("SELECT pid FROM workers"))]

    return ready


async def _until_all_are_there(kept: Iterable[Program]) -> None:
    async with asyncio.timeout(START_S):
        for program in kept:
            while not await program.ready():
                await asyncio.sleep(0.2)


def _socket_folder(url: str) -> str:
    return parse_qs(urlsplit(url).query)["host"][0]
