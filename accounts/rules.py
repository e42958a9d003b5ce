"""Pure rules about who somebody is: cookies, tokens, origins, keys of repeated requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from accounts.errors import IdempotencyConflict
from accounts.model import Cookie

COOKIE_LIFE = timedelta(days=400)  # the longest that browsers keep a cookie
COOKIE_RENEW = timedelta(days=30)
TOKEN_PREFIX = "st_"
TOKEN_LENGTH = len(TOKEN_PREFIX) + 43  # 32 bytes in url-safe base64 without padding
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FUTURE = timedelta(minutes=5)  # how far clocks of several servers may differ


def sign_cookie(secret: bytes, account_id: str, issued_at: datetime) -> str:
    """`account.seconds.signature`: who and since when, under HMAC-SHA256."""
    text = f"{account_id}.{int(issued_at.timestamp())}"
    return f"{text}.{_signature(secret, text)}"


def read_cookie(secret: bytes, value: str, now: datetime) -> Cookie | None:
    """What a cookie says, or None when it is forged, damaged or too old."""
    text, _, signature = value.rpartition(".")
    if not hmac.compare_digest(_signature(secret, text).encode(), signature.encode("utf-8", "replace")):
        return None
    account_id, _, seconds = text.rpartition(".")
    issued_at = datetime.fromtimestamp(int(seconds), UTC)
    if not now - COOKIE_LIFE < issued_at < now + _FUTURE:
        return None
    return Cookie(account_id, issued_at)


def wants_renewal(cookie: Cookie, now: datetime) -> bool:
    """Whether to hand out a younger cookie, so that who comes back now and then is never forgotten."""
    return now - cookie.issued_at > COOKIE_RENEW


def new_token() -> str:
    """`st_` and 32 random bytes."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def looks_like_token(text: str) -> bool:
    """Whether it is worth asking the database."""
    return len(text) == TOKEN_LENGTH and text.startswith(TOKEN_PREFIX)


def hashed(text: str) -> str:
    """What is stored of a token or a key: its SHA-256 in hex. Tokens are random, so no salt is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


def origin_allowed(origin: str | None, host: str, allowed: Collection[str] = ()) -> bool:
    """Whether a write that no token vouches for may come from there.

    Browsers name the sending page in `Origin`; programs send none. `host` is the request's Host header,
    `allowed` the origins that the settings name.
    """
    if origin is None:
        return True
    if origin in allowed:
        return True
    sender = _place(origin)
    return sender is not None and sender == _place(f"{origin.partition('://')[0]}://{host}")


def valid_idempotency_key(key: str) -> bool:
    """1 to 255 visible ASCII characters."""
    return _KEY.fullmatch(key) is not None


def same_body(first: str | None, second: str | None) -> None:
    """Raise IdempotencyConflict when both hashes are known and differ."""
    if first is not None and second is not None and first != second:
        raise IdempotencyConflict


def remember_answer(status: int) -> bool:
    """Whether an answer is the request's fate. After a failure of ours or a "later" a retry may succeed."""
    return status < 500 and status not in (408, 425, 429)


def _signature(secret: bytes, text: str) -> str:
    digest = hmac.new(secret, b"cookie:" + text.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _place(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port is None:
        return None
    return parts.hostname, port
