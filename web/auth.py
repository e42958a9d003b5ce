"""Who is asking: an API token, the signed cookie, or somebody new.

A read without credentials is refused; a write without credentials makes an anonymous account, whose cookie goes out
with whatever the answer is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from accounts.errors import BadToken, NoAccount, WrongOrigin
from accounts.model import Account
from accounts.rules import COOKIE_LIFE, origin_allowed
from web.state import studio_of

COOKIE = "stationthis"
_cookie_scheme = APIKeyCookie(
    name=COOKIE,
    scheme_name="cookie",
    auto_error=False,
    description="Signed, HttpOnly; made by the first write.",
)
_bearer_scheme = HTTPBearer(
    scheme_name="token", auto_error=False, description="An API token of `POST /api/v1/me/tokens`."
)


async def known(request: Request) -> Account | None:
    """The account of the request's token or cookie. Raises BadToken for a token that is not accepted."""
    studio = studio_of(request)
    if (token := bearer(request)) is not None:
        account = await studio.accounts.by_token(token)
        if account is None:
            raise BadToken
        return account
    value = request.cookies.get(COOKIE)
    account = None if value is None else await studio.accounts.by_cookie(value)
    if account is not None and value is not None and studio.accounts.wants_new_cookie(value):
        hand_out_cookie(request, account)
    return account


async def reading(request: Request, _cookie: Annotated[str | None, Security(_cookie_scheme)] = None,
                  _token: Annotated[object, Security(_bearer_scheme)] = None) -> Account:  # fmt: skip
    """The dependency of reads. Raises NoAccount, BadToken."""
    account = await known(request)
    if account is None:
        raise NoAccount
    return account


async def visiting(request: Request, _cookie: Annotated[str | None, Security(_cookie_scheme)] = None,
                   _token: Annotated[object, Security(_bearer_scheme)] = None) -> Account | None:  # fmt: skip
    """The dependency of what everybody may read: who it is, where that is known. Raises BadToken."""
    return await known(request)


async def writing(request: Request, _cookie: Annotated[str | None, Security(_cookie_scheme)] = None,
                  _token: Annotated[object, Security(_bearer_scheme)] = None) -> Account:  # fmt: skip
    """The dependency of writes: a POST without credentials makes an account, other writes have nothing to change.

    Raises WrongOrigin, BadToken, NoAccount, TooManyAccounts.
    """
    settled: Account | None = getattr(request.state, "account", None)
    if settled is None:
        check_origin(request)
        settled = await known(request)
        if settled is None and request.method != "POST":
            raise NoAccount
        settled = settled or await newcomer(request)
        request.state.account = settled
    return settled


async def newcomer(request: Request) -> Account:
    """A new anonymous account, with its cookie on the answer. Raises TooManyAccounts."""
    address = None if request.client is None else request.client.host
    account = await studio_of(request).accounts.create_anonymous(address)
    hand_out_cookie(request, account)
    return account


def hand_out_cookie(request: Request, account: Account) -> None:
    """Put a fresh cookie on the answer, whatever that turns out to be."""
    value = studio_of(request).accounts.cookie(account)
    secure = "; Secure" if request.url.scheme == "https" else ""
    life = int(COOKIE_LIFE.total_seconds())
    request.state.set_cookie = f"{COOKIE}={value}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax{secure}"


def check_origin(request: Request) -> None:
    """Refuse what a page of another site sends without a token, which no such page can know."""
    if bearer(request) is None:
        origins = studio_of(request).settings.cors_origins
        if not origin_allowed(request.headers.get("origin"), request.headers.get("host", ""), origins):
            raise WrongOrigin


def bearer(request: Request) -> str | None:
    """The token of the Authorization header, None when there is no such header."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


Reader = Annotated[Account, Depends(reading)]
Writer = Annotated[Account, Depends(writing)]
Visitor = Annotated[Account | None, Depends(visiting)]
