"""Alerts as JSON to whoever listens: a chat's incoming webhook, or a program that checks the signature."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from base import http
from base.clock import Clock

ANSWER_S = 10.0
TIMESTAMP, SIGNATURE, DELIVERY = "X-StationThis-Timestamp", "X-StationThis-Signature", "X-StationThis-Delivery"


@dataclass(frozen=True)
class Webhook:
    """Where alerts go. The URL is a secret itself: whoever knows it may post."""

    url: str = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=` and the HMAC of `timestamp.body` in hexadecimal: an old call that is sent again can be told by its time."""
    return "sha256=" + hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def body_of(news: dict[str, Any]) -> bytes:
    """`text` is what Slack and Mattermost show, `content` what Discord does; programs read `alert`."""
    said = f"StationThis: {news['sentence']}"
    return json.dumps({"text": said, "content": said, "alert": news}, separators=(",", ":")).encode()


def delivery(news: dict[str, Any]) -> str:
    """Of what is sent again since nobody took it, the same; of what is told again since there is more of it, another one."""
    return f"{news['id']}:{news['state']}:{news['value']:g}"


async def post(webhook: Webhook, news: dict[str, Any], clock: Clock) -> str | None:
    """Send one piece of news; None when it was taken, else why not, without the address."""
    body, timestamp = body_of(news), str(int(clock.now().timestamp()))
    headers = {"Content-Type": "application/json", TIMESTAMP: timestamp, DELIVERY: delivery(news)}
    if webhook.secret is not None:
        headers[SIGNATURE] = signature(webhook.secret, timestamp, body)
    try:
        async with http.client(read_s=ANSWER_S) as client:
            answer = await client.post(webhook.url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    return None if answer.is_success else f"status_{answer.status_code}"

