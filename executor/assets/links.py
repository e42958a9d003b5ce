"""Links by which anybody may fetch one asset for a while: signed, so that the server needs to remember nothing. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode


@dataclass(frozen=True)
class Linker:
    """`secret` is the installation's; `base` the public address of the server."""

    secret: bytes = field(repr=False)
    base: str

    def link(self, asset_id: str, until: datetime, *, download: bool) -> str:
        """The whole URL."""
        expires, kept = int(until.timestamp()), int(download)
        query = {"expires": expires, "download": kept, "signature": self._signature(asset_id, expires, kept)}
        return f"{self.base}/api/v1/files/{asset_id}?{urlencode(query)}"

    def holds(self, asset_id: str, expires: int, download: int, signature: str, now: datetime) -> bool:
        """Whether this is a link of ours that has not run out. Compared in constant time."""
        genuine = hmac.compare_digest(self._signature(asset_id, expires, download).encode(), signature.encode())
        return genuine and now.timestamp() < expires

    def _signature(self, asset_id: str, expires: int, download: int) -> str:
        message = f"asset\n{asset_id}\n{expires}\n{download}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()
