"""What every request goes through first: who sends it, by which id it is known, and how long it may take to arrive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from itertools import count
from secrets import token_hex

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from knowledge import trace

BODY_SECONDS = 10.0  # for a body of at most a mebibyte; uploads are read by whoever takes them
REQUEST_ID = "X-Request-Id"
PROTOCOLS = ("http", "https")

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

Networks = Sequence[IPv4Network | IPv6Network]


def numbered(process: str = "") -> Callable[[], str]:
    """Ids that no other request has: one of the process, and a running number.

    :param process: hexadecimal; made up where it is empty.
    """
    process, numbers = process or token_hex(8), count(1)
    return lambda: f"{process}-{next(numbers)}"


def identified(trusted: Networks, new_id: Callable[[], str] | None = None) -> Middleware:
    """Gives a request its id, and the address and protocol that a trusted proxy states.

    What anybody else states is passed over, so that nobody can pretend to be somewhere else. The Host header is never
    used: links start with the configured address.
    """
    new_id = new_id or numbered()

    @web.middleware
    async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
        by_proxy = bool(trusted) and is_trusted(request.remote, trusted)
        stated = request.headers.get(REQUEST_ID, "") if by_proxy else ""
        id_ = stated if _ID.fullmatch(stated) else new_id()
        trace.begin(id_)
        if by_proxy:
            protocol = request.headers.get(hdrs.X_FORWARDED_PROTO, "").strip().lower()
            scheme = protocol if protocol in PROTOCOLS else request.scheme
            request = request.clone(remote=client_of(request, trusted), scheme=scheme)
        response = await handler(request)
        if not response.prepared:
            response.headers[REQUEST_ID] = id_
        return response

    return identify


def patient(seconds: float = BODY_SECONDS) -> Middleware:
    """Reads a body before its handler runs, and gives up on one that does not arrive."""

    @web.middleware
    async def read(request: web.Request, handler: Handler) -> web.StreamResponse:
        # Mostly the body came with the head; waiting for it would cost a timer.
        if request.body_exists and not request.content.is_eof() and not _read_elsewhere(request):
            try:
                async with asyncio.timeout(seconds):
                    await request.read()
            except TimeoutError:
                raise web.HTTPRequestTimeout(headers={hdrs.CONNECTION: "close"}) from None
        return await handler(request)

    return read


def _read_elsewhere(request: web.Request) -> bool:
    """Uploads, and the API, whose failures are problem details."""
    outermost = request.match_info.apps[0] is request.app
    return request.content_type.startswith("multipart/") or (outermost and request.path.startswith("/api/"))


def client_of(request: web.BaseRequest, trusted: Networks) -> str:
    """The address of whoever asked, as the nearest proxies that are trusted saw it."""
    forwarded = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, []))
    chain = [*(part.strip() for part in forwarded.split(",") if part.strip()), request.remote or ""]
    outside = [address for address in chain if not is_trusted(address, trusted)]
    last = outside[-1] if outside else chain[0]
    return last if _address(last) else request.remote or ""


def is_trusted(address: str | None, trusted: Networks) -> bool:
    """Whether the address is one of our proxies."""
    parsed = _address(address or "") if trusted else None
    return parsed is not None and any(parsed in network for network in trusted if network.version == parsed.version)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
