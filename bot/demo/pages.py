"""Templates, static files and headers that the sandbox's pages share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

HERE = Path(__file__).parent
STATIC = HERE / "static"

# Everything comes from here; pictures that a message links to stay unloaded.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}

_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


def page(template: str, status: int = 200, **context: Any) -> web.Response:
    """Renders one of this package's templates."""
    html = _templates.get_template(template).render(**context)
    return web.Response(text=html, status=status, content_type="text/html")


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """A signal handler for on_response_prepare."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
