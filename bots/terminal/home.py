"""Who this terminal is: the API token of each server it has met, readable by its owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Home:
    """Tokens by server address, in DATA/secrets/terminal.json (mode 600)."""

    def __init__(self, data: Path) -> None:
        self._path = data / "secrets" / "terminal.json"

    def token(self, server: str) -> str | None:
        """The token for that server, None before the first meeting."""
        return self._tokens().get(server)

    def keep(self, server: str, token: str) -> None:
        """Remember the token of a server, instead of the one before."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({**self._tokens(), server: token}, file)
        temporary.replace(self._path)

    def _tokens(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return {}
