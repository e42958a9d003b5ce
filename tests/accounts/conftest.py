"""The accounts on a fresh database, with their real key store."""

from __future__ import annotations

import pytest

from accounts.keys import StandardKeyStore
from accounts.service import Accounts, Idempotency
from base.clock import SystemClock
from base.db import Database
from base.testing import ManualClock

MASTER = b"m" * 32


@pytest.fixture
def standard_keys(database: Database, clock: ManualClock) -> StandardKeyStore:
    return StandardKeyStore(database, MASTER, clock)


@pytest.fixture
def accounts(database: Database, standard_keys: StandardKeyStore, clock: ManualClock) -> Accounts:
    return Accounts(database, standard_keys, clock, b"c" * 32)


@pytest.fixture
def idempotency(database: Database, standard_keys: StandardKeyStore) -> Idempotency:
    """With real time, because repetitions wait."""
    return Idempotency(database, standard_keys, SystemClock())
