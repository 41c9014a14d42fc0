"""Answers without a conversation: what `pilotbot ask` and the API tell of a message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers import router
from knowledge.library import Library
from knowledge.model import Finding, Match, Outcome
from knowledge.normalise import fold


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers messages without a conversation."""

    library: Library
    measure_url: Callable[[str], str]  # measure id -> address of its page
    status_note: Callable[[str], str | None]  # document slug -> the line that every answer from it carries, if any

    def find(self, text: str, limit: int) -> Finding:
        """What is found for a message; nothing for a command, which is no question."""
        folded = fold(text)
        if not folded or folded in router.COMMANDS:
            return Finding(text, Outcome.NONE)
        return self.library.find(text, limit)

    def ask(self, text: str, top: int) -> dict[str, Any]:
        """The first `top` results as `pilotbot ask --json` prints them."""
        finding = self.find(text, top)
        results = [self._result(match) for match in finding.matches]
        return {"query": text, "status": finding.outcome.value, "results": results}

    def _result(self, match: Match) -> dict[str, Any]:
        measure = match.measure
        return {
            "id": measure.id,
            "score": match.score,
            "title": measure.title,
            "summary": measure.summary,
            "document": measure.document,
            "clause": measure.clause,
            "sectors": list(measure.sectors),
            "url": self.measure_url(measure.id),
            "status_note": self.status_note(measure.document),
        }
