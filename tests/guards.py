"""What keeps the suite honest: no network beyond this machine, no settings of the person who runs it."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "", None, b"localhost"})


class OutsideWorld(BaseException):
    """A test tried to reach another machine. Not an Exception, so that no retry loop swallows it."""


def close_the_world() -> None:
    """From now on, connecting or resolving anything but this machine raises OutsideWorld."""
    sys.addaudithook(_refuse_strangers)


def leave_our_environment() -> None:
    """Drop every setting of ours and every provider's key: tests say what they need."""
    for name in list(os.environ):
        if name.startswith("STATIONTHIS_") or name.endswith("_API_KEY") or name in ("HOST", "PORT"):
            del os.environ[name]


def in_ci() -> bool:
    return bool(os.environ.get("CI"))


def is_local(host: Any) -> bool:
    """Whether a host name or address means this machine."""
    if host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_strangers(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise OutsideWorld(f"a test connected to {address[0]}")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise OutsideWorld(f"a test resolved {arguments[0]}")
