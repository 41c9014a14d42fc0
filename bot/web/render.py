"""From a template and values to an HTML response; every page for people is made here."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from yarl import URL

from bot.web import texts
from bot.web.assets import Assets


class Renderer:
    """The templates with what they all share: the product's name, navigation, and addresses."""

    def __init__(self, assets: Assets, public_url: str, navigation: Sequence[tuple[str, str]]) -> None:
        """:param public_url: what addresses start with; its path, if any, also leads the links inside the site."""
        self._base = public_url.rstrip("/")
        self.root = URL(self._base).raw_path.rstrip("/")
        self._environment = Environment(
            loader=PackageLoader("bot", "web/templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["zip"] = zip
        self._environment.globals.update(
            product=texts.PRODUCT,
            navigation=navigation,
            root=self.root,
            base=self._base,
            asset=lambda name: self.root + assets.path(name),
        )

    def html(self, request: web.Request, template: str, context: dict[str, object]) -> str:
        here = request.rel_url.raw_path
        return self._environment.get_template(template).render(here=here, **context)


RENDERER = web.AppKey("renderer", Renderer)


def render(request: web.Request, template: str, status: int = HTTPStatus.OK, **context: object) -> web.Response:
    """An HTML page. Browsers ask again each time, since the knowledge changes while the service runs."""
    text = request.config_dict[RENDERER].html(request, template, context)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)
    response.enable_compression()
    return response


def root(request: web.Request) -> str:
    """What the paths of links inside the site start with: '' unless the public address has a path."""
    return request.config_dict[RENDERER].root
