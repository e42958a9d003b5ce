"""One turn, or a prompt, where a line typed is a message, or a command when it begins with a slash."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from base.errors import Reportable
from base.settings import Settings
from bots.terminal.app import Chat
from bots.terminal.render import exit_code, refusal
from bots.terminal.session import Options, open_chat

INTERRUPTED = 130

HELP = """\
Say what you want to see: "a cyberpunk cityscape at night", then "make it more vibrant", then "upscale it 2x".
/attach FILE   send a picture, video, sound, 3D model or text with the next message
/up  /down     what you think of the last answer
/retry         the last one once more, differently
/yes  /no      to a run that waits for it
/help          this
/quit          leave (so does Ctrl-D); Ctrl-C cancels what is being rendered"""


async def one_turn(settings: Settings, options: Options, text: str) -> int:
    """Say one thing and wait for its end; the exit code."""
    async with open_chat(settings, options) as chat:
        try:
            status = await chat.say(text)
        except asyncio.CancelledError:
            return INTERRUPTED
        if chat.waits_for_yes:
            chat.screen.note("it waits for your yes: answer on the page, or with /yes in a chat")
        chat.screen.note(f"go on with --conversation {chat.conversation}")
        return exit_code(status)


def interactive(settings: Settings, options: Options) -> int:
    """Prompt until the person leaves. The prompt is read on the main thread, so that Ctrl-C and editing work."""
    _enable_line_editing()
    with asyncio.Runner() as runner:
        opening = open_chat(settings, options)
        chat = runner.run(opening.__aenter__())
        try:
            chat.screen.note(f"conversation {chat.conversation} · /help shows what you can do")
            while (line := _read_line(chat)) is not None:
                _respond(runner, chat, line)
        finally:
            runner.run(opening.__aexit__(None, None, None))
    return 0


async def respond(chat: Chat, line: str) -> None:
    """Do what one line says."""
    command, _, argument = line.partition(" ")
    match command:
        case "/help":
            chat.screen.note(HELP)
        case "/attach":
            _attach(chat, Path(argument.strip()).expanduser())
        case "/up" | "/down":
            chat.screen.note("thank you" if await chat.rate(command[1:]) else "there is nothing to rate yet")
        case "/retry":
            _unless(await chat.retry(), chat, "there is nothing to retry yet")
        case "/yes" | "/no":
            _unless(await chat.answer(command == "/yes"), chat, "nothing waits for a yes")
        case _ if command.startswith("/"):
            chat.screen.note(f"{command} is not a command; /help shows them")
        case _:
            await chat.say(line)


def _respond(runner: asyncio.Runner, chat: Chat, line: str) -> None:
    response: Coroutine[Any, Any, None] = respond(chat, line)
    try:
        runner.run(response)
    except Reportable as problem:
        chat.screen.note(refusal(problem.as_dict()))
    except (asyncio.CancelledError, KeyboardInterrupt):
        chat.screen.note("left; what was begun goes on at the server")


def _read_line(chat: Chat) -> str | None:
    """The next line that says something; None at the end."""
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            return None
        except KeyboardInterrupt:
            chat.screen.note("/quit or Ctrl-D leaves")
            continue
        if line in ("/quit", "/exit"):
            return None
        if line or chat.attachments:
            return line


def _attach(chat: Chat, path: Path) -> None:
    if not path.is_file():
        chat.screen.note(f"there is no file {path}")
        return
    chat.attachments.append(path)
    chat.screen.note(f"{path.name} goes with the next message")


def _unless(done: str | None, chat: Chat, otherwise: str) -> None:
    if done is None:
        chat.screen.note(otherwise)


def _enable_line_editing() -> None:
    """Arrow keys and the history of this session. It is not kept: words of a person lie nowhere unsealed."""
    if importlib.util.find_spec("readline"):
        importlib.import_module("readline")
