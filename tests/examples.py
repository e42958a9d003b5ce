"""How hard the properties are tried: the same examples at every `make test`, many new ones with `--hypothesis-profile=deep`.

A property never fails for being slow, and a run that passed passes again: new examples are looked for on purpose, by
`PYTEST_ADDOPTS=--hypothesis-profile=deep make test`, and what they find becomes an `@example`.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

DEEPER = 10
"""Times as many examples in the deep profile."""

BUSY = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
"""Complaints that say more about the machine or the fixture than about the property."""


def register() -> None:
    """Make both profiles known and take the usual one; pytest's own option comes after and wins."""
    usual = settings(deadline=None, database=None, derandomize=True, suppress_health_check=BUSY, print_blob=False)
    settings.register_profile("usual", usual)
    settings.register_profile("deep", usual, derandomize=False, max_examples=DEEPER * usual.max_examples, print_blob=True)
    settings.load_profile("usual")


def examples(count: int) -> settings:
    """Decorates a property with a number of its own, as many times more as the profile is deeper."""
    usual = settings.get_profile("usual").max_examples
    return settings(max_examples=count * settings().max_examples // usual)
