"""What answers carry of a document whose pilot is over, and of a measure that is not in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from weakref import WeakKeyDictionary

from knowledge.library import Library
from knowledge.model import Measure
from knowledge.validity import validity_note
from scheduler import milestones
from scheduler.model import Pilot


def status_note(library: Library, document: str, today: date) -> str | None:
    """The line of one document; None while its pilot runs, or where there is none."""
    pilots = (Pilot.of(fact) for fact in library.pack.pilots if fact.document == document)
    return next((note for pilot in pilots if (note := milestones.status_note(pilot, today))), None)


def note_of(measure: Measure, status_note: Callable[[str], str | None], today: date) -> str | None:
    """All that must be said of a measure, in one line; None where it is in force and its pilot runs.

    :param status_note: document slug -> the line of the document.
    """
    found = (validity_note(measure, today), status_note(measure.document))
    return "；".join(note for note in found if note) or None


class StatusNotes:
    """The same as of now, worked out once a day and version of the knowledge: every answer asks for it."""

    def __init__(self, library: Callable[[], Library], clock: Callable[[], datetime]) -> None:
        self._library = library
        self._clock = clock
        self._known: WeakKeyDictionary[Library, tuple[date, dict[str, str | None]]] = WeakKeyDictionary()

    def __call__(self, document: str) -> str | None:
        library, today = self._library(), self._clock().date()
        day, known = self._known.get(library, (today, {}))
        if day != today:
            known = {}
        self._known[library] = today, known
        if document not in known:
            known[document] = status_note(library, document, today)
        return known[document]
