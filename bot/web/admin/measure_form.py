"""The form of a measure: from a measure to the fields' text, and from what was typed back to a measure. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from yarl import URL

from bot.web.admin import texts
from knowledge.library import Library
from knowledge.model import MAX_SUMMARY, MAX_TITLE, Measure, Status

MAY_LACK = ("link", "note", "number", "replaced_by", "text")
LISTS = ("keywords", "aliases", "asked_as", "not_asked_as", "also_in")  # one entry a line
LINE = 200  # characters of one entry of a list
LINES = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form, and what is wrong with it: name of the field -> what to do."""

    fields: Mapping[str, str]
    sectors: Sequence[str]
    problems: Mapping[str, str] = field(default_factory=dict)


def draft_of(measure: Measure) -> Draft:
    """The form of a measure as it is."""
    fields = {name: "\n".join(getattr(measure, name)) for name in LISTS}
    fields |= {name: getattr(measure, name) or "" for name in ("title", "summary", *MAY_LACK)}
    fields |= {name: _iso(getattr(measure, name)) for name in ("valid_from", "valid_to")}
    fields["status"] = measure.status.value
    return Draft(fields, measure.sectors)


def read(typed: Callable[[str], str], sectors: Sequence[str], old: Measure, library: Library) -> tuple[Measure, Draft]:
    """The measure that a form describes, and the form again. Usable only if the draft has no problems.

    :param typed: name of a field -> its text.
    :param sectors: codes, the primary one first.
    """
    names = (*draft_of(old).fields,)
    draft = Draft({name: typed(name) for name in names}, tuple(dict.fromkeys(code for code in sectors if code)))
    problems: dict[str, str] = {}
    for check in (_check_words, _check_links, _check_sectors, _check_lists):
        problems |= check(draft, old, library)
    dates, wrong = _dates(draft)
    problems |= wrong
    if problems:
        return old, replace(draft, problems=problems)
    values: dict[str, Any] = {**dates, "status": Status(draft.fields["status"]), "sectors": tuple(draft.sectors)}
    values |= {name: tuple(_lines(draft.fields[name])) for name in LISTS}
    values |= {name: draft.fields[name] or None for name in MAY_LACK}
    values |= {name: draft.fields[name] for name in ("title", "summary")}
    return replace(old, **values), draft


def _check_words(draft: Draft, old: Measure, library: Library) -> dict[str, str]:
    found = {}
    for name, limit in (("title", MAX_TITLE), ("summary", MAX_SUMMARY)):
        length = len(draft.fields[name])
        # What was longer before may stay as it is: somebody came to correct another field.
        if length > limit and draft.fields[name] != getattr(old, name):
            found[name] = texts.TOO_LONG.format(limit=limit, length=length)
        if not length:
            found[name] = texts.EMPTY_FIELD
    return found


def _check_links(draft: Draft, old: Measure, library: Library) -> dict[str, str]:
    found = {}
    if draft.fields["link"] and not _is_web_address(draft.fields["link"]):
        found["link"] = texts.NO_LINK
    if draft.fields["status"] not in tuple(Status):
        found["status"] = texts.EMPTY_FIELD
    other = draft.fields["replaced_by"]
    if other and (other not in library.measures or other == old.id):
        found["replaced_by"] = texts.NO_MEASURE.format(id=other)
    return found


def _check_sectors(draft: Draft, old: Measure, library: Library) -> dict[str, str]:
    if not draft.sectors and not old.is_overview:
        return {"sectors": texts.NO_SECTOR}
    return {"sectors": texts.UNKNOWN_SECTOR} if not set(draft.sectors) <= set(library.sectors) else {}


def _check_lists(draft: Draft, old: Measure, library: Library) -> dict[str, str]:
    found = {}
    for name in LISTS:
        lines = _lines(draft.fields[name])
        if len(lines) > LINES or any(len(line) > LINE for line in lines):
            found[name] = texts.LONG_LIST.format(lines=LINES, length=LINE)
    unknown = [key for key in _lines(draft.fields["also_in"]) if key not in library.measures]
    return found | ({"also_in": texts.NO_MEASURE.format(id=unknown[0])} if unknown else {})


def _dates(draft: Draft) -> tuple[dict[str, date | None], dict[str, str]]:
    dates: dict[str, date | None] = {}
    problems = {}
    for name in ("valid_from", "valid_to"):
        try:
            dates[name] = date.fromisoformat(draft.fields[name]) if draft.fields[name] else None
        except ValueError:
            problems[name] = texts.NO_DATE
    start, end = dates.get("valid_from"), dates.get("valid_to")
    if start and end and end < start:
        problems["valid_to"] = texts.ENDS_EARLY
    return dates, problems


def _lines(text: str) -> list[str]:
    """What stands on the lines, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _is_web_address(text: str) -> bool:
    try:
        url = URL(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.host)
