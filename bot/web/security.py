"""Headers that keep a page to itself: no foreign content, no framing, no guessing of types."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import hdrs, web

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,  # scripts and styles from our own files only, none inline
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # frame-ancestors for old browsers
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def secure(response: web.StreamResponse) -> None:
    """Adds them. A handler that needs another policy sets the header itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = "pilotbot"  # not which versions it is made of
