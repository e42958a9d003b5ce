"""A whole studio for the agent's tests: real database, real executor, real embedded renderer; only the encoder has no weights."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from pytest_asyncio import is_async_test

from agent.assembly import open_studio
from agent.protocols import Message, Studio
from base.ids import new_id
from base.settings import Settings
from executor.model import Owner
from executor.testing import FaultyComfy
from tests.builds import keep, seed
from tests.databases import SqliteTemplate
from tests.patience import PATIENCE_S
from tools.testing import HashEncoder


@dataclass
class Talk:
    """One person in one conversation."""

    studio: Studio
    account_id: str
    conversation_id: str
    seen: int = 0
    turns: list[str] = field(default_factory=list)

    async def send(self, text: str = "", **more: Any) -> str:
        """Send and do not wait; the turn's id."""
        message = Message(text, **more)
        turn_id = await self.studio.conversations.send(
            self.conversation_id, self.account_id, message, f"corr-{len(self.turns)}"
        )
        self.turns.append(turn_id)
        return turn_id

    async def say(self, text: str = "", **more: Any) -> list[dict[str, Any]]:
        """Send and wait for the turn's end; its stored events."""
        return await self.until_over(await self.send(text, **more))

    async def until_over(self, turn_id: str, *types: str) -> list[dict[str, Any]]:
        """Stored events of a turn up to and with its last, or the first of these types."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(PATIENCE_S):
            async for event in self.studio.conversations.events(self.conversation_id, self.account_id, 0):
                if event.get("turn_id") == turn_id and "id" in event:
                    found.append(event)
                    if event["type"] in (*types, "turn.completed"):
                        return found
        raise AssertionError("unreachable")

    async def upload(self, color: str = "red", size: tuple[int, int] = (320, 200)) -> str:
        """An uploaded picture's id."""
        file = io.BytesIO()
        Image.new("RGB", size, color).save(file, "PNG")

        async def chunks() -> AsyncIterator[bytes]:
            yield file.getvalue()

        owner = Owner(self.account_id, "standard", f"account:{self.account_id}")
        asset = await self.studio.assets.upload(chunks(), owner=owner, name="photo.png", asset_id=new_id())
        return asset.id

    async def all(self) -> list[dict[str, Any]]:
        """Every stored event so far."""
        found = []
        async with asyncio.timeout(PATIENCE_S):
            shape = await self.studio.conversations.get(self.conversation_id, self.account_id)
            if shape["last_event_id"] == 0:
                return []
            async for event in self.studio.conversations.events(self.conversation_id, self.account_id, 0):
                if "id" in event:
                    found.append(event)
                    if event["id"] >= shape["last_event_id"]:
                        return found
        raise AssertionError("unreachable")

    async def turn(self, turn_id: str) -> dict[str, Any]:
        shape = await self.studio.conversations.get(self.conversation_id, self.account_id)
        return next(turn for turn in shape["turns"] if turn["id"] == turn_id)


OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the one studio runs in its loop, and in the process that has it."""
    here = Path(__file__).parent
    for item in items:
        if "studio" in getattr(item, "fixturenames", ()) and item.path.is_relative_to(here) and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.xdist_group("studio"))


@pytest.fixture
def open_here(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[OpenStudio]:
    """Open the studio of this test's data folder, as often as the test restarts it."""
    with sqlite_template.copy() as url:
        yield partial(opened, url, tmp_path / "data")
    keep(tmp_path / "data")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def studio(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Studio]:
    """One studio for all who only talk: each test is somebody else in a conversation of their own."""
    data = tmp_path_factory.mktemp("studio") / "data"
    with sqlite_template.copy() as url:
        async with opened(url, data) as everybodys:
            yield everybodys
    keep(data)


@pytest_asyncio.fixture(loop_scope="session")
async def talk(studio: Studio) -> Talk:
    return await begin(studio)


@asynccontextmanager
async def opened(
    url: str, data: Path, renderer: Sequence[str] | None = (), **settings: Any
) -> AsyncIterator[Studio]:
    """A studio on this database and folder.

    Its renderer is not traced for coverage: painting takes ten times as long then, and the renderer's own tests cover it.
    """
    seed(data)
    tree = Settings(data=data, database_url=url, _env_file=None, **settings)
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            environment.delenv(name)
        async with open_studio(tree, encoder=HashEncoder(), renderer=renderer, random=count(1000).__next__) as studio:
            yield studio


async def begin(studio: Studio, account_id: str | None = None) -> Talk:
    """A new conversation, of a new person unless one is given."""
    account_id = account_id or (await studio.accounts.create_anonymous()).id
    conversation = await studio.conversations.create(account_id)
    return Talk(studio, account_id, conversation["id"])


def types(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def one(events: Sequence[dict[str, Any]], type: str) -> dict[str, Any]:
    (found,) = [event for event in events if event["type"] == type]
    return found


@pytest.fixture
async def comfy_url() -> AsyncIterator[str]:
    """A ComfyUI at the far end of its real protocol."""
    async with FaultyComfy() as comfy:
        yield comfy.url
