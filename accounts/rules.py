"""Pure rules about who somebody is: cookies, tokens, origins, keys of repeated requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import math
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from accounts.errors import IdempotencyConflict, TooManyAccounts
from accounts.model import Cookie

COOKIE_LIFE = timedelta(days=400)  # the longest that browsers keep a cookie
HOUR = timedelta(hours=1)
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


def place_of(secret: bytes, address: str | None) -> str | None:
    """What is stored of the network address that an account was made from: a keyed hash, the same for a whole /64 of
    IPv6, which one customer has. None on this machine; whatever is no address counts as one place."""
    if not address:
        return None
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return hmac.new(secret, b"place:?", hashlib.sha256).hexdigest()
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return None
    net = ipaddress.ip_network((ip, 64 if ip.version == 6 else 32), strict=False)
    return hmac.new(secret, f"place:{net}".encode(), hashlib.sha256).hexdigest()


def let_in(made: Sequence[datetime], most: int, now: datetime) -> None:
    """`made`: when accounts were made from one place within the last hour. Raises TooManyAccounts when those are enough."""
    if len(made) < most:
        return
    wait = sorted(made)[-most] + HOUR - now
    seconds = max(1, math.ceil(wait.total_seconds()))
    minutes = math.ceil(seconds / 60)
    when = "a minute" if minutes == 1 else f"{minutes} minutes"
    raise TooManyAccounts(
        f"{len(made)} accounts were made from your network address within the last hour; no more than {most} are.",
        action=f"Try again in {when}, or use an account that you have: its page, or its API token.", retry_after=seconds,
    )  # fmt: skip


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
    """Whether something was done, which must not be done again. A refusal did nothing: its key stays free for the request
    as it was meant."""
    return status < 400


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
