"""The platform's API: https://developer.work.weixin.qq.com/document/path/90236 and its neighbours.

One token cache, at most one repetition of a call, errors mapped in one place. Token and secret travel in URLs here,
so no foreign exception, whose text may quote a URL, ever leaves this module.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import aiohttp

from bot.wecom.errors import (
    TOKEN_ERRORS,
    ApiError,
    ConfigurationError,
    RetryLater,
    UnknownOutcome,
    Unreachable,
    refusal,
)

TIMEOUT = 10.0  # seconds for a whole call
REFRESH_AHEAD = 300.0  # seconds before its end at which a token is replaced
HOLD = 60.0  # seconds for which a refused token request is not repeated: some 2,000 an hour block the app
BRIEF_HOLD = 1.0  # ... and one that got no answer, so that all who wait for it share its failure
DETAIL_LENGTH = 200  # characters of the platform's own words that an error keeps

Answer: TypeAlias = dict[str, Any]
Body: TypeAlias = Mapping[str, object] | bytes

logger = logging.getLogger("pilotbot.wecom")


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of a message that the platform accepted, perhaps not for everybody."""

    invalid_users: tuple[str, ...]  # lower-case; got nothing, since the app cannot reach them
    msgid: str  # for recalling
    response_code: str  # for updating a card once within 72 hours; empty for other messages
    unlicensed_users: tuple[str, ...] = ()  # lower-case; got nothing, since their account has no API licence


@dataclass(frozen=True, slots=True)
class Agent:
    """The app as the platform knows it."""

    name: str
    enabled: bool
    trusted_domain: str  # where sign-in may return to; empty if unset
    home_url: str  # empty if the app opens as a chat
    reports_enter: bool  # whether enter_agent events are sent
    visible: bool = True  # to somebody at least


class TokenShelf(Protocol):
    """Where all processes of one app keep their token. Neither call ever fails: without it each has its own."""

    async def read(self) -> tuple[str, float] | None:
        """The newest token and the seconds for which it may still be used; None if there is none."""

    async def write(self, token: str, seconds: float) -> None:
        """Keeps a new token that may be used for so long."""


@dataclass(frozen=True, slots=True)
class _Call:
    path: str
    params: Mapping[str, str]
    body: bytes | None = None  # None: GET
    once: bool = False  # has an effect that people see, so that an unclear end must not look like a failure


class WecomClient:
    """One self-built app's side of the API. Safe for concurrent use; the session stays the caller's."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        corp_id: str,
        secret: str,
        agent_id: int,
        *,
        proxy: str | None = None,
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        observe: Callable[[int | None], None] = lambda errcode: None,
        shelf: TokenShelf | None = None,
    ) -> None:
        """
        :param base_url: such as https://qyapi.weixin.qq.com, without a path
        :param proxy: URL of an outbound HTTP proxy
        :param timeout: seconds for a whole call
        :param clock: seconds that only ever grow
        :param shelf: where replicas share one token; None: this client has its own
        :param observe: told how each request ended: the platform's code, None where it gave none of its own
        """
        self._session = session
        self._base_url = base_url.rstrip("/") + "/cgi-bin/"
        self._corp_id = corp_id
        self._secret = secret
        self._agent_id = agent_id
        self._observe = observe
        self._proxy = proxy
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._tokens = _TokenCache(self._fetch_token, clock, shelf)

    async def authenticate(self) -> None:
        """Makes sure that there is a token; for the set-up doctor."""
        await self._tokens.get()

    async def send(self, message: Body) -> SendResult:
        """Sends a message: bytes exactly as they are, a mapping as `encode` writes it.

        :raises UnknownOutcome: if it may have been delivered (as when this is cancelled); repeat only the same bytes
        :raises NobodyReached: if every receiver is invalid
        :raises ApiError: see `bot.wecom.errors`
        """
        answer = await self._perform(_Call("message/send", {}, self._body(message), once=True))
        return SendResult(
            invalid_users=_users(answer.get("invaliduser")),
            msgid=_text(answer, "msgid"),
            response_code=_text(answer, "response_code"),
            unlicensed_users=_users(answer.get("unlicenseduser")),
        )

    async def update_card(self, update: Body) -> tuple[str, ...]:
        """Changes a card that was sent; its response code is used up by this.

        :returns: the people for whom it could not be changed, in lower case
        :raises: as `send`
        """
        call = _Call("message/update_template_card", {}, self._body(update), once=True)
        return _users((await self._perform(call)).get("invaliduser"))

    async def user_of(self, code: str) -> str | None:
        """Who signed in: the user id in lower case, or None for somebody from outside the corporation.

        :raises SignInExpired: if the code was used before or is older than 5 minutes
        """
        answer = await self._perform(_Call("auth/getuserinfo", {"code": code}))
        return _text(answer, "userid").lower() or None

    async def create_menu(self, menu: Mapping[str, object]) -> None:
        """Puts the app's bottom menu in place: `{"button": [...]}`."""
        await self._perform(_Call("menu/create", {"agentid": str(self._agent_id)}, _json(menu)))

    async def agent(self) -> Agent:
        """The app's own settings."""
        answer = await self._perform(_Call("agent/get", {"agentid": str(self._agent_id)}))
        return Agent(
            name=_text(answer, "name"),
            enabled=answer.get("close") != 1,
            trusted_domain=_text(answer, "redirect_domain"),
            home_url=_text(answer, "home_url"),
            reports_enter=answer.get("isreportenter") == 1,
            visible=_is_visible(answer),
        )

    async def members(self, department: int) -> tuple[str, ...]:
        """The user ids, in lower case, of those in a department and below it whom the app may see.

        https://developer.work.weixin.qq.com/document/path/90200

        :raises NoDepartment: there is none with that number
        """
        call = _Call("user/simplelist", {"department_id": str(department), "fetch_child": "1"})
        listed = (await self._perform(call)).get("userlist")
        people = [person for person in listed if isinstance(person, dict)] if isinstance(listed, list) else []
        return tuple(dict.fromkeys(user.lower() for person in people if (user := _text(person, "userid"))))

    async def callback_ips(self) -> tuple[str, ...]:
        """The addresses from which the platform calls us."""
        answer = await self._perform(_Call("getcallbackip", {}))
        return tuple(str(ip) for ip in answer.get("ip_list") or ())

    def encode(self, message: Mapping[str, object]) -> bytes:
        """The bytes of a message, from this app unless it names another. Keep them where it may have to be repeated."""
        return _json({"agentid": self._agent_id, **message})

    def _body(self, message: Body) -> bytes:
        return message if isinstance(message, bytes) else self.encode(message)

    async def _perform(self, call: _Call) -> Answer:
        """One attempt, and one more where a fresh token or a fresh connection may help."""
        token = await self._tokens.get()
        try:
            return await self._exchange(call, token)
        except ApiError as error:
            if error.errcode in TOKEN_ERRORS:
                self._tokens.forget(token)
            elif not isinstance(error, Unreachable):
                raise
            logger.info("trying again: %s", error)
        return await self._exchange(call, await self._tokens.get())

    async def _exchange(self, call: _Call, token: str) -> Answer:
        return await self._request(call, {"access_token": token, **call.params}, hide=token)

    async def _fetch_token(self) -> tuple[str, float]:
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        answer = await self._request(_Call("gettoken", {}), params, hide=self._secret)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise RetryLater("gettoken: the answer holds no token", after=HOLD)
        return token, seconds

    async def _request(self, call: _Call, params: Mapping[str, str], hide: str) -> Answer:
        try:
            answer = await self._answer(call, params, hide)
        except ApiError as error:
            self._observe(error.errcode)
            raise
        self._observe(0)
        return answer

    async def _answer(self, call: _Call, params: Mapping[str, str], hide: str) -> Answer:
        try:
            async with self._session.request(
                "GET" if call.body is None else "POST",
                self._base_url + call.path,
                params=params,
                data=call.body,
                headers={"Content-Type": "application/json; charset=utf-8"},
                proxy=self._proxy,
                timeout=self._timeout,
                allow_redirects=False,  # a token is for the platform alone
            ) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
            failure = network_failure(error, call.path, once=call.once)
        else:
            return _judge(call, status, body, hide)
        raise failure  # out here, so that the foreign exception is not even its context


class _TokenCache:
    """One access token, fetched by one caller at a time while the others wait for it."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[str, float]]],
        clock: Callable[[], float],
        shelf: TokenShelf | None,
    ) -> None:
        self._shelf = shelf
        self._refused = ""  # the last token that the platform did not accept
        self._fetch = fetch  # gives a token and the seconds it will last
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._failure: ApiError | None = None
        self._until = float("-inf")  # the instant up to which token or failure stands

    async def get(self) -> str:
        """:raises ApiError: why there is none, for a while without asking again"""
        async with self._lock:
            if self._clock() >= self._until and not await self._take_shared():
                await self._refresh()
            if self._failure:
                raise self._failure.with_traceback(None)
            return self._token

    def forget(self, token: str) -> None:
        """Drops a token that was refused, unless it has been replaced in the meantime."""
        if token == self._token:
            self._refused = token
            self._until = float("-inf")

    async def _take_shared(self) -> bool:
        """Takes what another process has fetched, unless it is the one that was refused."""
        found = await self._shelf.read() if self._shelf else None
        if found is None or found[0] == self._refused or found[1] <= 0:
            return False
        self._token, self._failure = found[0], None
        self._until = self._clock() + found[1]
        return True

    async def _refresh(self) -> None:
        try:
            self._token, lasts = await self._fetch()
            self._failure = None
            usable = lasts - min(REFRESH_AHEAD, lasts / 10)
            self._until = self._clock() + usable
            if self._shelf:
                await self._shelf.write(self._token, usable)
        except ApiError as failure:
            least = failure.after if isinstance(failure, RetryLater) else HOLD
            self._token, self._failure = "", failure
            self._until = self._clock() + max(least, BRIEF_HOLD)
            logger.warning("no access token: %s", failure)


def network_failure(error: Exception, operation: str, *, once: bool) -> ApiError:
    """What a failure of the network means; keeps its class name only, since its text may quote a URL.

    :param once: the request has an effect that must not happen twice
    """
    name = type(error).__name__
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError | UnicodeError):
        return ConfigurationError(f"{operation}: the address of the API or the proxy is not valid ({name})")
    if isinstance(error, aiohttp.ClientHttpProxyError) and error.status == 407:
        return ConfigurationError(f"{operation}: the outbound proxy asks for a sign-in")
    before_sending = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
    if isinstance(error, before_sending):
        return Unreachable(f"{operation}: no connection to WeChat Work ({name})")
    if once:
        return UnknownOutcome(f"{operation}: no answer, it may have been carried out ({name})")
    if isinstance(error, TimeoutError):
        return RetryLater(f"{operation}: no answer in time")
    return Unreachable(f"{operation}: the connection broke ({name})")


def _judge(call: _Call, status: int, body: bytes, hide: str) -> Answer:
    """The platform's answer if it is a success. Reads the code and never decides by the words."""
    if status == 429:
        raise RetryLater(f"{call.path}: HTTP 429, too many requests", after=HOLD)
    if 300 <= status < 500 and status != 408:
        raise ConfigurationError(f"{call.path}: HTTP {status}, so this is not the platform's API")
    answer = _parse(body) if status == 200 else None
    if answer is None:
        what = f"{call.path}: HTTP {status} without a readable answer"
        raise UnknownOutcome(what) if call.once else RetryLater(what, after=BRIEF_HOLD)
    errcode = answer["errcode"]
    logger.debug("%s: errcode %s", call.path, errcode)
    if errcode:
        detail = " ".join(_text(answer, "errmsg").replace(hide, "***").split())
        raise refusal(call.path, errcode, detail[:DETAIL_LENGTH])
    return answer


def _parse(body: bytes) -> Answer | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and type(answer.get("errcode")) is int else None


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _text(answer: Answer, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _is_visible(app: Answer) -> bool:
    """Whether the app is shown to anybody; what the platform does not tell counts as yes."""
    kinds = [app.get(name) for name in ("allow_userinfos", "allow_partys", "allow_tags")]
    return not all(isinstance(kind, dict) and not any(kind.values()) for kind in kinds)


def _users(value: object) -> tuple[str, ...]:
    """Sending answers "a|b", updating a card answers a list."""
    names = value.split("|") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(str(name).lower() for name in names if name)
