"""An immutable snapshot of the knowledge base with its lookups and its matcher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from knowledge.explain import Explanation, explain
from knowledge.match import Matcher
from knowledge.model import Document, Finding, Measure, Pack, Sector
from knowledge.postings import Keep

LARGE = 5000  # measures from which a question may take more than a few milliseconds


class Library:
    """Everything an answer needs, built once per version of the knowledge and then only read.

    Safe to share between tasks and threads: nothing in it changes after construction.
    """

    def __init__(
        self,
        pack: Pack,
        version: int = 0,
        keep: Keep | None = None,
        progress: Callable[[int], None] | None = None,
        before: Library | None = None,
    ) -> None:
        """:param version: number of the knowledge version this snapshot shows, 0 for one not in a database.
        :param keep: where the index of a large one is kept.
        :param progress: told now and then how many entries have been read.
        :param before: an older one: what was worked out of the same measures is taken over.
        """
        self.pack = pack
        self.version = version
        self.documents: Mapping[str, Document] = MappingProxyType({d.slug: d for d in pack.documents})
        self.sectors: Mapping[str, Sector] = MappingProxyType({s.code: s for s in pack.sectors})
        self.measures: Mapping[str, Measure] = MappingProxyType({m.id: m for m in pack.measures})
        self._matcher: Matcher = Matcher(pack, keep=keep, progress=progress, before=before._matcher if before else None)
        self.active: tuple[Measure, ...] = self._matcher.in_order  # those in force, without overview entries
        self.by_sector: Mapping[str, tuple[Measure, ...]] = MappingProxyType(self._by_sector())
        self._rows = {document: tuple(found) for document, found in groupby(self.active, lambda m: m.document)}

    def find(self, text: str, limit: int = 10) -> Finding:
        """The best `limit` matches for a message, and whether they are an answer, choices or nothing."""
        return self._matcher.find(text, limit)

    def explain(self, text: str, limit: int = 10) -> Explanation:
        """The same with the reasons, for people who want to know why."""
        return explain(self._matcher, text, limit)

    def clause(self, measure: Measure) -> str:
        """The citation inside the document, with its own number where that is another: '第4条第1项，原文三、（一）'."""
        own = self._matcher.own_number(measure)
        return f"{measure.clause}，原文{own}" if own else measure.clause

    @property
    def is_kept(self) -> bool:
        """Whether its index needs no `save`: it is kept already, or soon built again."""
        return self._matcher.is_kept

    def save(self, keep: Keep) -> None:
        """Keeps its index for a restart. Takes a while."""
        self._matcher.save(keep)

    def leaves(self) -> list[Any]:
        """The many small values that it is made of: for `let_go`, once it is not needed any more."""
        return [*self.pack.measures, *self._matcher.texts, *self._matcher.entries]

    @property
    def is_large(self) -> bool:
        """Whether a question takes long enough to be worth a thread."""
        return len(self.measures) >= LARGE

    def in_order(self, measures: Iterable[Measure]) -> list[Measure]:
        """Sorted as the documents have them: by document (in the pack's order), item and ordinal."""
        rank = {slug: n for n, slug in enumerate(self.documents)}
        return sorted(measures, key=lambda m: (rank.get(m.document, len(rank)), m.document, m.item, m.ordinal))

    def _by_sector(self) -> dict[str, tuple[Measure, ...]]:
        """Sector code -> its active measures by primary sector, in the documents' order."""
        found: dict[str, list[Measure]] = {code: [] for code in self.sectors}
        for measure in self.active:
            if measure.sectors and measure.sectors[0] in found:
                found[measure.sectors[0]].append(measure)
        return {code: tuple(measures) for code, measures in found.items()}

    def neighbours(self, measure: Measure) -> tuple[Measure | None, Measure | None]:
        """The measures before and after this one in its document."""
        row = self._rows.get(measure.document, ())
        if measure not in row:
            return None, None
        at = row.index(measure)
        return (row[at - 1] if at else None), (row[at + 1] if at + 1 < len(row) else None)
