"""One way to reach Redis, and the keys by which what passes through it is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    import redis.asyncio as aioredis

CONNECT_S = 3.0
ANSWER_S = 10.0  # longer than any blocking read


def open_client(url: str) -> aioredis.Redis:
    """A client that connects when it is first used. Close it with `aclose`."""
    import redis.asyncio as aioredis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return aioredis.Redis.from_url(
        url, socket_connect_timeout=CONNECT_S, socket_timeout=ANSWER_S, health_check_interval=15,
        retry=Retry(NoBackoff(), 1),
    )  # fmt: skip


def derived_key(master: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, the same in every process that has the master key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"stationthis:{purpose}".encode()).derive(master)
