"""What answers of a document carry after its pilot's end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from knowledge.library import Library
from scheduler import milestones
from scheduler.model import Pilot


def status_note(library: Library, document: str, today: date) -> str | None:
    """The line of one document; None while its pilot runs, or where there is none."""
    pilots = (Pilot.of(fact) for fact in library.pack.pilots if fact.document == document)
    return next((note for pilot in pilots if (note := milestones.status_note(pilot, today))), None)


class StatusNotes:
    """The same as of now, worked out once a day and version of the knowledge: every answer asks for it."""

    def __init__(self, library: Callable[[], Library], clock: Callable[[], datetime]) -> None:
        self._library = library
        self._clock = clock
        self._known_for: tuple[Library, date] | None = None
        self._known: dict[str, str | None] = {}

    def __call__(self, document: str) -> str | None:
        library, today = self._library(), self._clock().date()
        if self._known_for != (library, today):
            self._known_for, self._known = (library, today), {}
        if document not in self._known:
            self._known[document] = status_note(library, document, today)
        return self._known[document]
