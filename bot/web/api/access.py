"""Who may do what is not public: holders of a configured token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import hdrs

from bot.web.api.problems import Problem

SCHEME = "Bearer"
CHALLENGE: Mapping[str, str] = {hdrs.WWW_AUTHENTICATE: f'{SCHEME} realm="pilotbot"'}


def holder(tokens: Mapping[str, str], header: str) -> str:
    """The name of the token that an Authorization header carries.

    :param tokens: name -> token.
    :raises Problem: 403 where no token is configured, 401 for none or another one.
    """
    if not tokens:
        raise Problem(HTTPStatus.FORBIDDEN, "no token is configured on this service (PILOTBOT_ADMIN_TOKENS)")
    scheme, _, given = header.strip().partition(" ")
    if scheme.lower() != SCHEME.lower() or not given.strip():
        raise Problem(HTTPStatus.UNAUTHORIZED, "send the header 'Authorization: Bearer <token>'", headers=CHALLENGE)
    # Every token is compared, each in constant time: how long it takes tells nothing.
    names = [name for name, token in tokens.items() if _same(token, given.strip())]
    if not names:
        raise Problem(HTTPStatus.UNAUTHORIZED, "the token is not one of this service", headers=CHALLENGE)
    return names[0]


def _same(token: str, given: str) -> bool:
    return hmac.compare_digest(token.encode(), given.encode(errors="replace"))
