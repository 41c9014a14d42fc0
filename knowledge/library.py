"""An immutable snapshot of the knowledge base with its lookups and its matcher."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

from knowledge.explain import Explanation, explain
from knowledge.match import Matcher
from knowledge.model import Document, Finding, Measure, Pack, Sector, Status


class Library:
    """Everything an answer needs, built once per version of the knowledge and then only read.

    Safe to share between tasks and threads: nothing in it changes after construction.
    """

    def __init__(self, pack: Pack, version: int = 0) -> None:
        """:param version: number of the knowledge version this snapshot shows, 0 for one not in a database."""
        self.pack = pack
        self.version = version
        self.documents: Mapping[str, Document] = MappingProxyType({d.slug: d for d in pack.documents})
        self.sectors: Mapping[str, Sector] = MappingProxyType({s.code: s for s in pack.sectors})
        self.measures: Mapping[str, Measure] = MappingProxyType({m.id: m for m in pack.measures})
        self._matcher = Matcher(pack)

    def find(self, text: str, limit: int = 10) -> Finding:
        """The best `limit` matches for a message, and whether they are an answer, choices or nothing."""
        return self._matcher.find(text, limit)

    def explain(self, text: str, limit: int = 10) -> Explanation:
        """The same with the reasons, for people who want to know why."""
        return explain(self._matcher, text, limit)

    @cached_property
    def active(self) -> tuple[Measure, ...]:
        """The measures in force, in the documents' order, without overview entries."""
        return tuple(m for m in self.in_order(self.pack.measures) if m.status is Status.ACTIVE and not m.is_overview)

    def in_order(self, measures: Iterable[Measure]) -> list[Measure]:
        """Sorted as the documents have them: by document (in the pack's order), item and ordinal."""
        rank = {slug: n for n, slug in enumerate(self.documents)}
        return sorted(measures, key=lambda m: (rank.get(m.document, len(rank)), m.document, m.item, m.ordinal))

    @cached_property
    def by_sector(self) -> Mapping[str, tuple[Measure, ...]]:
        """Sector code -> its active measures by primary sector, in the documents' order."""
        return {code: tuple(m for m in self.active if m.sectors[:1] == (code,)) for code in self.sectors}

    def neighbours(self, measure: Measure) -> tuple[Measure | None, Measure | None]:
        """The measures before and after this one in its document."""
        row = [m for m in self.active if m.document == measure.document]
        if measure not in row:
            return None, None
        at = row.index(measure)
        return (row[at - 1] if at else None), (row[at + 1] if at + 1 < len(row) else None)
