"""Packs: a knowledge base, or a part of one, as YAML. What ships with the package, what import and export speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from typing import Any

import yaml

from knowledge.model import Document, Measure, MilestoneFact, OutOfScope, Pack, PilotFact, Sector, Status

SHIPPED = ("documents", "mofcom-2021-63", "shanghai-2020-24", "synonyms", "out_of_scope")  # in this order


def shipped() -> Pack:
    """The knowledge that comes with the package: two documents, 126 measures, no official wording."""
    folder = resources.files("knowledge").joinpath("data")
    return merge(parse(folder.joinpath(f"{name}.yaml").read_text("utf-8")) for name in SHIPPED)


def parse(text: str) -> Pack:
    """A pack from YAML.

    :raises yaml.YAMLError: it is no YAML.
    :raises ValueError, KeyError, TypeError: a field is missing or of the wrong shape.
    """
    raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - both are safe
    return Pack(
        documents=tuple(_document(d) for d in raw.get("documents", ())),
        sectors=tuple(Sector(str(s["code"]), str(s["name"]), _texts(s, "aliases")) for s in raw.get("sectors", ())),
        measures=tuple(_measure(m) for m in raw.get("measures", ())),
        synonyms=tuple(tuple(str(word) for word in group) for group in raw.get("synonyms", ())),
        out_of_scope=tuple(
            OutOfScope(str(o["topic"]), str(o["kind"]), _texts(o, "phrases")) for o in raw.get("out_of_scope", ())
        ),
        pilots=tuple(_pilot(p) for p in raw.get("pilots", ())),
    )


def merge(packs: Iterable[Pack]) -> Pack:
    """One pack of several; their entries follow each other."""
    packs = tuple(packs)
    return Pack(
        documents=tuple(x for p in packs for x in p.documents),
        sectors=tuple(x for p in packs for x in p.sectors),
        measures=tuple(x for p in packs for x in p.measures),
        synonyms=tuple(x for p in packs for x in p.synonyms),
        out_of_scope=tuple(x for p in packs for x in p.out_of_scope),
        pilots=tuple(x for p in packs for x in p.pilots),
    )


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(value) for value in raw.get(name) or ())


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _document(raw: Mapping[str, Any]) -> Document:
    return Document(
        slug=str(raw["slug"]),
        title=str(raw["title"]),
        number=str(raw["number"]),
        issuer=str(raw["issuer"]),
        issued=_day(raw["issued"]),
        source_url=raw.get("source_url"),
        short_names=_texts(raw, "short_names"),
        items={int(number): str(heading) for number, heading in (raw.get("items") or {}).items()},
        missing=raw.get("missing"),
    )


def _measure(raw: Mapping[str, Any]) -> Measure:
    document, _, place = str(raw["id"]).rpartition("/")
    item, _, ordinal = place.partition(".")
    return Measure(
        id=str(raw["id"]),
        document=document,
        item=int(item),
        ordinal=int(ordinal),
        sectors=_texts(raw, "sectors"),
        title=str(raw["title"]),
        summary=str(raw["summary"]),
        keywords=_texts(raw, "keywords"),
        aliases=_texts(raw, "aliases"),
        asked_as=_texts(raw, "asked_as"),
        text=raw.get("text"),
        number=raw.get("number"),
        link=raw.get("link"),
        note=raw.get("note"),
        also_in=_texts(raw, "also_in"),
        not_asked_as=_texts(raw, "not_asked_as"),
        status=Status(raw.get("status", "active")),
        replaced_by=raw.get("replaced_by"),
        valid_from=_day(raw["valid_from"]) if raw.get("valid_from") else None,
        valid_to=_day(raw["valid_to"]) if raw.get("valid_to") else None,
    )


def _pilot(raw: Mapping[str, Any]) -> PilotFact:
    return PilotFact(
        document=str(raw["document"]),
        name=str(raw["name"]),
        start=_day(raw["start"]),
        start_basis=str(raw.get("start_basis", "document")),
        months=int(raw.get("months", 36)),
        leads=_days(raw, "leads"),
        milestones=tuple(_milestone(m) for m in raw.get("milestones") or ()),
    )


def _milestone(raw: Mapping[str, Any]) -> MilestoneFact:
    return MilestoneFact(
        kind=str(raw["kind"]),
        date=_day(raw["date"]) if raw.get("date") else None,
        title=raw.get("title"),
        leads=_days(raw, "leads"),
        removed=bool(raw.get("removed", False)),
        revision=int(raw.get("revision", 0)),
    )


def _days(raw: Mapping[str, Any], name: str) -> tuple[int, ...] | None:
    return None if raw.get(name) is None else tuple(int(days) for days in raw[name])
