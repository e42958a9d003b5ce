"""The errors of the terminal.

Problem
├── Refused            the server answered with a problem of its own, which is passed on as it is
├── ServerAway         the server stopped answering
├── ServerNotStarted   no server answered, and the one started here did not come up
├── SpellUnknown       a spell or a blank of it that is not there was named
├── WorkflowUnknown    a workflow that is not there was named
├── FactsUnreadable    one's own ComfyUI did not say what nodes it has
└── FileUnreadable     a file to attach cannot be read
"""

from __future__ import annotations

from typing import Any

from base.errors import InvalidInput, NotFound, Problem


class Refused(Problem):
    """The server refused this."""

    def __init__(self, body: dict[str, Any], status: int) -> None:
        super().__init__(str(body.get("detail") or self.__doc__), action=body.get("action"))
        self.body = {**super().as_dict(), "status": status, **body}

    @property
    def answered_code(self) -> str:
        """The code of the server's problem, such as `no_account`."""
        return str(self.body["code"])

    def as_dict(self, correlation_id: str | None = None) -> dict[str, Any]:
        return self.body


class ServerAway(Problem):
    """The server stopped answering."""

    code = "server_away"
    status = 503
    title = "No answer"
    action = (
        "Start `stationthis serve` again: what you sent is kept there and goes on. The page shows what comes of it, and "
        "`stationthis chat --conversation last` goes on from it."
    )


class ServerNotStarted(Problem):
    """No server answers, and the one started here did not come up."""

    code = "server_not_started"
    status = 503
    title = "The server did not start"
    action = "Run `stationthis serve` and read what it says."


class SpellUnknown(NotFound):
    """You have no spell of that name."""

    code = "spell_unknown"
    action = "See `stationthis spells list`."


class WorkflowUnknown(NotFound):
    """You have no workflow of that name."""

    code = "workflow_unknown"
    action = "See `stationthis workflows list`."


class FactsUnreadable(InvalidInput):
    """That is not what a ComfyUI answers at `/object_info`."""

    code = "facts_unreadable"
    action = "Check the address or the file after --server or --object-info."


class FileUnreadable(InvalidInput):
    """This file cannot be read."""

    code = "file_unreadable"
    action = "Check the path after --attach."
