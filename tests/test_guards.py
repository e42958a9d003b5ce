"""The guards of the suite guard."""

from __future__ import annotations

import os
import socket

import pytest

from tests.guards import OutsideWorld, is_local


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "0.0.0.0", "", None, b"127.0.0.1", b"localhost"])
def test_this_machine_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["93.184.215.14", "10.0.0.1", "example.com", "localhost.example.com", "2001:db8::1"])
def test_everything_else_is_not(host: str) -> None:
    assert not is_local(host)


def test_connecting_elsewhere_fails_at_once() -> None:
    with socket.socket() as outside, pytest.raises(OutsideWorld):
        outside.connect(("192.0.2.1", 80))


def test_resolving_elsewhere_fails_at_once() -> None:
    with pytest.raises(OutsideWorld):
        socket.getaddrinfo("example.com", 80)


def test_the_settings_of_whoever_runs_the_suite_are_not_seen() -> None:
    assert [name for name in os.environ if name.startswith("STATIONTHIS_") or name.endswith("_API_KEY")] == []
