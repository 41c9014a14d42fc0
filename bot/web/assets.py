"""The static files: read once, served under an address that changes with their content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES: Mapping[str, str] = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
FOR_EVER = "public, max-age=31536000, immutable"  # a year, in seconds; the address changes with the content
ASK_AGAIN = "no-cache"  # an address of another version, as while replicas are being replaced


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    content_type: str
    digest: str  # first 12 hex digits of the content's SHA-256


class Assets:
    """The files of one folder, kept in memory."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = {path.name: _load(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}

    def path(self, name: str) -> str:
        """The address of a file, '/static/<digest>/<name>'; KeyError for a file that is not there."""
        return f"/static/{self._assets[name].digest}/{name}"

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/static/{digest}/{name}", self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.match_info["digest"] == asset.digest
        headers = {
            "Cache-Control": FOR_EVER if current else ASK_AGAIN,
            "ETag": f'"{asset.digest}"',
            "Vary": "Accept-Encoding",
        }
        if any(tag.value in (asset.digest, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers)
        response.enable_compression()
        return response


def _load(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, TYPES[path.suffix], sha256(body).hexdigest()[:12])
