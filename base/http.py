"""The one place where HTTP clients are made."""

from __future__ import annotations

import httpx


def client(base_url: str = "", *, read_s: float = 30.0, connect_s: float = 5.0) -> httpx.AsyncClient:
    """An HTTP client with bounded waits (seconds) that ignores proxies of the environment and never follows redirects.

    A redirect could carry a token to another host, and a proxy of the environment is read behind the settings' back.
    """
    timeout = httpx.Timeout(read_s, connect=connect_s)
    return httpx.AsyncClient(base_url=base_url, timeout=timeout, trust_env=False, follow_redirects=False)
