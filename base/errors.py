"""The errors of the base room, and the one parent of every error that a person may see.

Reportable                   the parent: a stable code, an HTTP status, a sentence and what to do next
├── DatabaseUnreachable      no database answers at the URL that is set: nothing is known, and nothing is over
│   └── DatabaseBusy         the database ended one of two changes that waited for each other
└── Problem                  the answer to what was asked
    ├── NotFound             the thing does not exist, or belongs to someone else
    ├── InvalidInput         the request cannot be understood as it is
    ├── SettingsError        a setting is missing, wrong or not supported
    ├── DataFolderLocked     another process serves from this data folder
    ├── SchemaBehind         the database wants `stationthis db upgrade`
    └── KeyLost              the key of some sealed content is gone
"""

from __future__ import annotations

from typing import Any, ClassVar


class Reportable(Exception):
    """What a person can be told about, with what to do next: a Problem, or that the database is away.

    The class says the stable part (`code`, `status`, `title`, `action`); the instance adds `detail`, one sentence
    without anybody's words or secrets in it, and `facts` for programs (numbers, limits, ids). The docstring's first line
    is the detail when none is given, so the documentation and what the person reads are one text.
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    action: ClassVar[str] = "Try again; if it stays, report the correlation id."

    def __init__(self, detail: str | None = None, *, action: str | None = None, **facts: Any) -> None:
        self.detail = detail or (type(self).__doc__ or self.title).strip().splitlines()[0]
        self.next_step = action or self.action
        self.facts = facts
        super().__init__(self.detail)

    def as_dict(self, correlation_id: str | None = None) -> dict[str, Any]:
        """The RFC 9457 body: `{type, title, status, detail, code, action, correlation_id, ...facts}`."""
        return {
            "type": f"urn:stationthis:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "action": self.next_step,
            "correlation_id": correlation_id,
            **self.facts,
        }


class Problem(Reportable):
    """Something went wrong: the answer to what was asked. Whoever can do without it may catch it and go on."""


class NotFound(Problem):
    """There is nothing here under that id, or it is not yours."""

    code = "not_found"
    status = 404
    title = "Not found"
    action = "Check the id; lists show what you own."


class InvalidInput(Problem):
    """The request cannot be understood as it is."""

    code = "invalid_input"
    status = 422
    title = "Invalid input"
    action = "Correct the named field and send it again."


class SettingsError(Problem):
    """A setting is missing, wrong or not supported."""

    code = "settings"
    title = "The settings do not work"
    action = "Correct the named setting in the environment or in .env and start again."


class DataFolderLocked(Problem):
    """Another StationThis server already writes to this data folder."""

    code = "data_folder_locked"
    title = "The data folder is in use"
    action = (
        "Stop that process (a `stationthis chat` is left with /quit), name it with STATIONTHIS_URL if you meant to talk to it, "
        "choose another folder with STATIONTHIS_DATA, or let several processes share this folder and one PostgreSQL "
        "(STATIONTHIS_DATABASE_URL)."
    )


class DatabaseUnreachable(Reportable):
    """No database answers where STATIONTHIS_DATABASE_URL points.

    No Problem: it answers nothing, so that nobody who goes on after a Problem goes on after this. It is caught by
    whoever lets go of what is under way, and at the rims.
    """

    code = "database_unreachable"
    status = 503
    title = "Database unreachable"
    action = "Start PostgreSQL or correct STATIONTHIS_DATABASE_URL, then try again."


class DatabaseBusy(DatabaseUnreachable):
    """Two changes stood in each other's way in the database, and this one gave way."""

    code = "database_busy"
    title = "Database busy"
    action = "Try again in a moment."


class SchemaBehind(Problem):
    """The database schema is older than this program."""

    code = "schema_behind"
    status = 503
    title = "The database must be upgraded"
    action = "Run `stationthis db upgrade`."


class KeyLost(Problem):
    """The conversation or account that this belonged to was deleted, and this with it."""

    code = "key_lost"
    status = 410
    title = "Deleted with its conversation"
    action = "Nothing is wrong, and nothing of it can be had back: start anew."
