"""Where bytes lie for good: objects under keys, in a folder or a bucket. Each is written once and never changed.

A key begins with the tier's prefix and goes on with a hash of owner and content, so that equal bytes of one owner share
storage while nobody can tell from the keys that two people own the same picture. It ends with a generation: bytes that are
deleted and brought again get another key, so that a late deletion can never take the new ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from base.errors import Problem
from executor.assets.workshop import Stored

INCOGNITO = "incognito"
EPHEMERAL = "ephemeral-outputs/"
"""What is incognito lies under it, and goes by age whatever the database says."""
POSTER = "-poster"


class Gone(Exception):
    """There is nothing under this key."""


class Spoiled(Problem):
    """The bytes of this are not those that were stored."""

    code = "bytes_spoiled"
    title = "File damaged"
    action = "Send it, or have it made, once more: that replaces it. An operator should look at the disk or the bucket."


@dataclass(frozen=True)
class Listed:
    """An object as a listing tells of it."""

    key: str
    bytes: int
    modified: datetime


@dataclass(frozen=True)
class Rule:
    """What begins with `prefix` is deleted after `days`; uploads that were never finished after `unfinished_days`."""

    name: str
    prefix: str
    days: int | None = None
    unfinished_days: int | None = None


RULES = (
    Rule("stationthis-ephemeral", EPHEMERAL, days=1),
    Rule("stationthis-unfinished", "", unfinished_days=1),
)


class Objects(Protocol):
    """Nothing here blocks the event loop. Raises StorageAway when the storage does not answer."""

    async def put(self, key: str, stored: Stored, media_type: str) -> None:
        """Whole or not at all; a second time changes nothing. The file may be moved away."""
        ...

    async def fetch(self, key: str, target: Path, sha256: str) -> None:
        """Copy to a file. Raises Gone, Spoiled."""
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`. Raises Gone."""
        ...

    async def size(self, key: str) -> int | None: ...

    async def delete(self, keys: Sequence[str]) -> None:
        """What is not there counts as deleted."""
        ...

    def listing(self, prefix: str = "") -> AsyncIterator[Listed]:
        """In the order of the keys."""
        ...

    def local(self, key: str) -> Path | None:
        """The file that holds it, where there is one on this machine."""
        ...

    async def link(self, key: str, seconds: int, media_type: str, name: str | None) -> str | None:
        """A URL of the storage's own by which anybody may fetch it for a while; None where it has none."""
        ...

    async def check(self) -> None:
        """That it is there. Raises BucketMissing, StorageAway."""
        ...

    async def apply(self, rules: Sequence[Rule], now: datetime) -> None:
        """Have these rules kept from now on, beside others that somebody made."""
        ...

    async def kept(self) -> tuple[Rule, ...]:
        """The rules that the storage says it keeps, of those that `apply` made."""
        ...


def digest_of(account_id: str, tier: str, sha256: str) -> str:
    """Names the bytes of an account."""
    salt = f"{tier}:" if tier == INCOGNITO else ""
    return hashlib.sha256(f"{salt}{account_id}:{sha256}".encode()).hexdigest()


def key_of(tier: str, digest: str, generation: str) -> str:
    prefix = EPHEMERAL if tier == INCOGNITO else ""
    return f"{prefix}{digest[:2]}/{digest[2:4]}/{digest}-{generation}"


def poster_of(key: str) -> str:
    """Where the small picture of a file lies."""
    return key + POSTER


def sha256_of(path: Path) -> str:
    """Of a whole file: call it in a thread."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def checked(blocks: AsyncIterator[bytes], sha256: str) -> AsyncIterator[bytes]:
    """The same blocks; the last one is held back until all of them are known to be right. Raises Spoiled."""
    digest, held = hashlib.sha256(), b""
    async for block in blocks:
        digest.update(block)
        if held:
            yield held
        held = block
    if digest.hexdigest() != sha256:
        raise Spoiled
    yield held
