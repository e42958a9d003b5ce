"""Put a chat together: a server, who we are there, a conversation, a screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from base.clock import SystemClock
from base.http import client
from base.settings import Settings
from bots.terminal.app import Chat
from bots.terminal.client import StudioClient
from bots.terminal.home import Home
from bots.terminal.screen import JsonScreen, PersonScreen, Screen
from bots.terminal.server import some_server

SILENCE_S = 40.0
"""The server says something at least every 15 s; after so long the connection counts as broken."""


@dataclass(frozen=True)
class Options:
    """What the command line said."""

    attach: tuple[Path, ...] = ()
    out: Path | None = None
    conversation: str | None = None
    as_json: bool = False


@asynccontextmanager
async def open_chat(settings: Settings, options: Options) -> AsyncIterator[Chat]:
    """A chat, ready to say something, until the end of the block."""
    screen: Screen = JsonScreen() if options.as_json else PersonScreen(Console())
    async with some_server(settings) as url, client(url, read_s=SILENCE_S) as http:
        # By the address of the settings, because a server started here shares its database with the one usually there.
        studio = StudioClient(http, Home(settings.data), settings.url, SystemClock(), screen.note)
        await studio.sign_in()
        conversation, seen = await studio.conversation(options.conversation)
        out = options.out or settings.data / "pictures"
        yield Chat(studio, screen, out, conversation, seen, attachments=list(options.attach))
