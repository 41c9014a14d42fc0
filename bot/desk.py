"""Answers without a conversation: what `pilotbot ask` and the API tell of a message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from handlers import router
from knowledge.explain import Explanation
from knowledge.library import Library
from knowledge.model import Finding, Match, Measure, Outcome
from knowledge.normalise import fold


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers messages without a conversation."""

    library: Library
    measure_url: Callable[[str], str]  # measure id -> address of its page
    status_note: Callable[[Measure], str | None]  # what must be said of a measure, if anything

    def find(self, text: str, limit: int) -> Finding:
        """What is found for a message; nothing for a command, which is no question."""
        if self._is_command(text):
            return Finding(text, Outcome.NONE)
        return self.library.find(text, limit)

    def ask(self, text: str, top: int) -> dict[str, Any]:
        """The first `top` results as `pilotbot ask --json` prints them."""
        finding = self.find(text, top)
        results = [self._result(match) for match in finding.matches]
        return {"query": text, "status": finding.outcome.value, "results": results}

    def explain(self, text: str, top: int) -> dict[str, Any]:
        """The same with `evidence` in each result and an `explanation` of the decision."""
        if self._is_command(text):
            return self.ask(text, top) | {"explanation": None}
        explained = self.library.explain(text, top)
        matches = explained.finding.matches
        return {
            "query": text,
            "status": explained.finding.outcome.value,
            "results": [self._result(m) | {"evidence": [asdict(e) for e in m.evidence]} for m in matches],
            "explanation": _explanation(explained),
        }

    def _is_command(self, text: str) -> bool:
        folded = fold(text)
        return not folded or router.command(folded, self.library) is not None

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
            "status_note": self.status_note(measure),
        }


def _explanation(explained: Explanation) -> dict[str, Any]:
    return {
        "decision": asdict(explained.verdict) if explained.verdict else None,
        "refused": [{"id": measure_id, "phrase": phrase} for measure_id, phrase in explained.refused],
        "missing": explained.finding.missing,
        "beside": explained.finding.beside,
    }
