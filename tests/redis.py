"""A real Redis for tests."""

from __future__ import annotations

from evals.servers import RedisServer, redis_server

__all__ = ["RedisServer", "redis_server"]
