"""Where events are shown: for a person with rich, for a program as one JSON line each."""

from __future__ import annotations

import json
from typing import Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from bots.terminal.render import Typing, clean, progress_text, render, without_said


class Screen(Protocol):
    def show(self, event: dict[str, Any]) -> None:
        """An event of the turn that is watched."""
        ...

    def note(self, sentence: str) -> None:
        """A word of the terminal itself."""
        ...

    def rest(self) -> None:
        """The turn is over: leave the cursor at the start of a line."""
        ...


class JsonScreen:
    """Standard output holds events only; notes go to standard error."""

    def show(self, event: dict[str, Any]) -> None:
        typer.echo(json.dumps(event, ensure_ascii=False))

    def note(self, sentence: str) -> None:
        typer.echo(sentence, err=True)

    def rest(self) -> None:
        """Every line is whole already."""


class PersonScreen:
    """Lines as they come, the reply as it is typed, one bar while something is rendered."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._typing: Typing | None = None
        self._reply = ""
        """What was said in the turn that is shown."""
        self._failed: str | None = None
        """The run whose failure was shown last."""

    def show(self, event: dict[str, Any]) -> None:
        if event["type"] == "turn.started":
            self._reply = ""
        if event["type"] == "plan":
            event = without_said(event, self._reply)
        if event["type"] == "reply.delta":
            self._reply += event["text"]
            self._type(event["text"])
        elif event["type"] == "run.progress":
            self._move_bar(event)
        elif not self._said(event) and (shown := render(event)) is not None:
            self.rest()
            self._console.print(shown, soft_wrap=event["type"] == "run.output")  # a path is copied whole

    def note(self, sentence: str) -> None:
        self.rest()
        self._console.print(Text(clean(sentence), style="dim"))

    def rest(self) -> None:
        self._end_typing()
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _said(self, event: dict[str, Any]) -> bool:
        """Whether a turn's end only repeats why its run failed."""
        if event["type"] == "run.failed":
            self._failed = event.get("run_id")
        return event["type"] == "turn.completed" and self._failed is not None and event.get("run_id") == self._failed

    def _type(self, text: str) -> None:
        if self._bar is not None:
            self.rest()
        self._typing = self._typing or Typing()
        self._console.print(self._typing.feed(text), end="", soft_wrap=True)

    def _end_typing(self) -> None:
        if self._typing is not None:
            self._console.print()
        self._typing = None

    def _move_bar(self, event: dict[str, Any]) -> None:
        self._end_typing()
        if self._bar is None:
            columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("")
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, description=progress_text(event), completed=100 * float(event.get("fraction") or 0))
