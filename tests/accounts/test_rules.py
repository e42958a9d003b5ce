"""Cookies, tokens, origins, and which answers are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import rules
from accounts.errors import IdempotencyConflict

SECRET = b"s" * 32
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_cookie_says_who_and_since_when() -> None:
    cookie = rules.read_cookie(SECRET, rules.sign_cookie(SECRET, "somebody", NOW), NOW)
    assert cookie is not None
    assert (cookie.account_id, cookie.issued_at) == ("somebody", NOW)


def test_a_cookie_of_another_installation_is_worth_nothing() -> None:
    assert rules.read_cookie(b"t" * 32, rules.sign_cookie(SECRET, "somebody", NOW), NOW) is None


@given(st.text())
def test_no_text_that_we_did_not_sign_is_a_cookie(text: str) -> None:
    assert rules.read_cookie(SECRET, text, NOW) is None


def test_changing_the_account_in_a_cookie_breaks_it() -> None:
    value = rules.sign_cookie(SECRET, "somebody", NOW)
    assert rules.read_cookie(SECRET, value.replace("somebody", "anybody"), NOW) is None


@pytest.mark.parametrize(
    ("age", "works"), [(timedelta(0), True), (timedelta(days=399), True), (timedelta(days=400), False)]
)
def test_a_cookie_grows_too_old(age: timedelta, works: bool) -> None:
    value = rules.sign_cookie(SECRET, "somebody", NOW - age)
    assert (rules.read_cookie(SECRET, value, NOW) is not None) is works


def test_an_older_cookie_is_renewed() -> None:
    cookie = rules.read_cookie(SECRET, rules.sign_cookie(SECRET, "somebody", NOW), NOW)
    assert cookie is not None
    assert not rules.wants_renewal(cookie, NOW + timedelta(days=29))
    assert rules.wants_renewal(cookie, NOW + timedelta(days=31))


def test_tokens_are_long_random_and_recognisable() -> None:
    first, second = rules.new_token(), rules.new_token()
    assert first != second
    assert first.startswith("st_")
    assert rules.looks_like_token(first)
    assert not rules.looks_like_token(first + "x")


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "studio.test", True),
        ("http://studio.test", "studio.test", True),
        ("https://studio.test", "studio.test:443", True),
        ("http://studio.test:80", "studio.test", True),
        ("http://STUDIO.test", "studio.test", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", False),
        ("http://evil.test", "studio.test", False),
        ("http://studio.test.evil.test", "studio.test", False),
        ("null", "studio.test", False),
        ("", "studio.test", False),
        ("file://", "", False),
        ("http://[broken", "studio.test", False),
        ("http://studio.test:99999", "studio.test:99999", False),
        ("https://friend.test", "studio.test", True),
    ],
)
def test_only_our_own_page_writes_by_cookie(origin: str | None, host: str, allowed: bool) -> None:
    assert rules.origin_allowed(origin, host, ("https://friend.test",)) is allowed


@pytest.mark.parametrize(
    ("status", "kept"),
    [(200, True), (202, True), (404, False), (409, False), (422, False), (429, False), (500, False), (503, False)],
)
def test_only_what_was_done_is_the_request_s_fate(status: int, kept: bool) -> None:
    assert rules.remember_answer(status) is kept


def test_bodies_conflict_only_when_both_are_known() -> None:
    rules.same_body("a", "a")
    rules.same_body(None, "a")
    rules.same_body("a", None)
    with pytest.raises(IdempotencyConflict):
        rules.same_body("a", "b")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False), ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True), ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("nonsense", "other nonsense", True), ("nonsense", "192.0.2.1", False),
    ],
)  # fmt: skip
def test_a_place_is_an_address_or_a_whole_network_of_the_new_kind(one: str, other: str, same: bool) -> None:
    places = [rules.place_of(b"k" * 32, address) for address in (one, other)]
    assert None not in places
    assert (places[0] == places[1]) == same
    assert rules.place_of(b"x" * 32, one) != places[0]


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_no_place(address: str | None) -> None:
    assert rules.place_of(b"k" * 32, address) is None
