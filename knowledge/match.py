"""From a message to measures: what it names first, then the ranking, then the decision."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge import decide, details
from knowledge.bare import Bare
from knowledge.codec import values
from knowledge.decide import Signals, Split
from knowledge.features import Ints, extract
from knowledge.index import Index, Query, Scores, ranked
from knowledge.likeness import Texts, likeness
from knowledge.lookup import Lookup, Request
from knowledge.model import Finding, Match, Measure, Outcome, OutOfScope, Pack, Status
from knowledge.normalise import MAX_CHARS, fold, plain
from knowledge.places import Places
from knowledge.postings import Field, Keep, Postings, fingerprint
from knowledge.revising import Indexed, revised, standing
from knowledge.synonyms import Synonyms

FIELD_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"title": 3.0, "keywords": 2.0, "aliases": 2.0, "asked_as": 1.0, "summary": 1.0, "text": 1.0}
)
TELLING = ("title", "summary", "keywords", "text")  # fields in which an entry says what it is about
REFUSED_LIKENESS = 90  # percent; a message this like a 'not about this' phrase is not about the measure
_CONJUNCTIONS = ("以及", "还有", "另外", "顺便", "和", "跟", "与", "及", "+", "and", "plus")
_JOINTS = re.compile(r"\s*(以及|还有|另外|顺便|和|跟|与|及|、|\+|\band\b|\bplus\b|[,;。?!])\s*|\s")
MAX_JOINTS = 4  # places where a message is tried as two questions
CONTEXT = 0.5  # how much of the whole message counts in judging one of its parts
NEAR_BEST = 0.6  # share of the best score from which an entry of a named document is listed beside the best
MANY = 2000  # entries whose index is worth keeping
LIKENESS_WEIGHT = 0.2  # of likeness against what the index gives
RERANKED, RIVALS = 100, 3  # measures and out-of-scope topics whose likeness to the message is looked at
OWN_KEPT = 1000  # entries whose own features are kept, some 10 kB each
LEAST_PART = 3  # features; a shorter part of a message is about nothing, if it is no term such as 'qflp'
_TERM = re.compile("[a-z]{3}")


def fields_of(measure: Measure) -> list[Field]:
    """The texts of a measure that a message is compared with."""
    texts: dict[str, Sequence[str]] = {
        "title": (measure.title,),
        "keywords": measure.keywords,
        "aliases": measure.aliases,
        "asked_as": measure.asked_as,
        "summary": (measure.summary,),
        "text": (measure.text,) if measure.text else (),
    }
    fields = [_field(text, name) for name, group in texts.items() for text in group]
    if measure.text and not measure.asked_as:
        fields[-1] = replace(fields[-1], weight=FIELD_WEIGHTS["title"])  # all that says what it is about
    wording = fields[-1].text if measure.text else ""
    # A title or summary that only repeats the wording says nothing more, and would count it twice.
    return [field for field in fields if field.name == "text" or not field.text or field.text not in wording]


def _fields(source: Measure | OutOfScope) -> list[Field]:
    if isinstance(source, OutOfScope):
        return [_field(phrase, "asked_as") for phrase in source.phrases]
    return fields_of(source)


def _texts(entry: Iterable[Field]) -> Texts:
    short = tuple(field.text for field in entry if field.name != "text")
    return Texts(short or ("",), next((field.text for field in entry if field.name == "text"), ""))


def _told(entries: Iterable[Iterable[Field]]) -> Iterator[str]:
    """What measures say of themselves."""
    return (field.text for entry in entries for field in entry if field.name in TELLING)


def _own(entries: Sequence[Sequence[Field]], synonyms: Synonyms) -> Callable[[int], Ints]:
    """What tells the features of an entry's own words, that is of all but the phrases people ask with."""

    @lru_cache(maxsize=OWN_KEPT)
    def own(row: int) -> Ints:
        return extract([field.text for field in entries[row] if field.name != "asked_as"], synonyms).keys

    return own


def _field(text: str, name: str) -> Field:
    return Field(plain(fold(text)), FIELD_WEIGHTS[name], name)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of all entries for one message."""

    query: Query
    scores: Scores  # per measure, in the matcher's order
    likeness: float  # rapidfuzz's similarity of the message to the nearest text of the best measure, 0..1
    rival: float  # the best score of an out-of-scope topic
    rival_likeness: float  # the same for that topic's phrases
    topic: str  # the kind of that topic, "" where there is none
    topic_row: int = -1  # its row in the index, -1 where there is none
    refused: tuple[tuple[str, str], ...] = ()  # (id, phrase): measures that this message is said not to be about
    within: bool = False  # the message named the document, so that the rest is no stray word
    raised: float = 0.0  # by what the scores of measures without phrases are, to be compared with the others


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a message, and the row of the entry that it is about."""

    query: Query
    scores: Scores
    row: int | None


@dataclass(frozen=True, slots=True)
class _Cut:
    """A message in two parts, and the rows of what they are about: first the one that the whole fits better."""

    parts: Sequence[_Part]
    rows: tuple[int, int]
    lift: float
    joined: bool


class Matcher:
    """Everything needed to find measures for messages; built once per version of the knowledge, then only read."""

    def __init__(
        self,
        pack: Pack,
        decisions: decide.Decisions | None = None,
        keep: Keep | None = None,
        progress: Callable[[int], None] | None = None,
        before: Matcher | None = None,
    ) -> None:
        """:param keep: where the index of many entries is kept, so that a restart need not build it again.
        :param progress: told now and then how many entries have been read.
        :param before: an older one: what was worked out of the same measures is taken over.
        """
        self.measures = [m for m in pack.measures if m.status is Status.ACTIVE]
        self._sources: list[Measure | OutOfScope] = [*self.measures, *pack.out_of_scope]
        self.entries, self.texts = self._read(before)
        self.synonyms = Synonyms(pack.synonyms)
        same = before.indexed if before and before.synonyms.words == self.synonyms.words else None
        taken_over = revised(same, self.entries, self.synonyms) if same else None
        postings = taken_over or self._built(keep, progress)
        self.is_kept = not (taken_over and self._is_large)
        self.indexed: Indexed = Indexed(self.entries, postings)
        self._index = Index(postings, len(self.entries), self.synonyms)
        self._rows = {m.id: row for row, m in enumerate(self.measures)}
        self._numbers = {slug: number for number, slug in enumerate(dict.fromkeys(m.document for m in self.measures))}
        self._documents = np.array([self._numbers[m.document] for m in self.measures], np.int32)
        self._bare = Bare(self._index, self.measures)
        self._refused = {m.id: [plain(fold(p)) for p in m.not_asked_as] for m in self.measures if m.not_asked_as}
        self._kinds = [topic.kind for topic in pack.out_of_scope]
        self._lookup = Lookup(pack, self.measures)
        self.in_order: tuple[Measure, ...] = self._lookup.measures  # its measures as the documents have them
        self._details = details.shipped()
        self._own = _own(self.entries, self.synonyms)
        self._places = Places(partial(_told, self.entries[: len(self.measures)]))
        self._decisions = decisions or decide.shipped()
        self.find("ni hao 63")  # tables that fill themselves do so now, not while somebody waits

    def _read(self, before: Matcher | None) -> tuple[list[list[Field]], list[Texts]]:
        """The fields and texts of measures and out-of-scope topics; those that an older matcher has read are shared."""
        if not before:
            entries = [_fields(source) for source in self._sources]
            return entries, [_texts(entry) for entry in entries]
        known = standing(self._sources, before._sources).tolist()
        read = [before.entries[row] if row >= 0 else _fields(s) for s, row in zip(self._sources, known, strict=True)]
        texts = [before.texts[row] if row >= 0 else _texts(e) for e, row in zip(read, known, strict=True)]
        return read, texts

    @property
    def _is_large(self) -> bool:
        return len(self.entries) >= MANY

    def _built(self, keep: Keep | None, progress: Callable[[int], None] | None) -> Postings:
        if keep and self._is_large:
            return Postings.kept(self.entries, self.synonyms, keep, progress)
        return Postings.of(self.entries, self.synonyms, progress)

    def save(self, keep: Keep) -> None:
        """Keeps an index that is not kept yet, so that a restart need not build it."""
        keep.save(fingerprint(self.entries, self.synonyms), values(self.indexed.postings))

    def find(self, text: str, limit: int = 10) -> Finding:
        """The best `limit` entries for a message of any length, and what to do with them."""
        folded = fold(text[:MAX_CHARS])
        request = self.named(folded)
        if request.missing:
            return Finding(text, Outcome.NONE, missing=request.missing)
        if request.measures:
            return _listed(text, request, limit)
        ranking = self.ranking(request, folded)
        order = ranked(ranking.scores, limit)
        if not order.size:
            return Finding(text, Outcome.NONE, beside=ranking.topic or None)
        decision = self.decision(ranking)
        in_domain, right = decision.confidence(self.signals(ranking))
        outcome = decision.outcome(in_domain, right)
        if outcome is Outcome.ANSWER and self._bare.rows[order[0]] and self._has_curated_answer(ranking):
            outcome = Outcome.CHOICES  # two documents tell of the matter
        pair = self._two_topics(request.rest or folded, ranking) if outcome is not Outcome.NONE else None
        if pair:
            order = np.array([*pair, *(row for row in order if row not in pair)][:limit])
            return Finding(text, Outcome.ANSWER, self._matches(order, ranking, right), answers=2)
        if request.documents and outcome is not Outcome.NONE:
            return self._named_in_document(text, order, ranking, right)
        beside = ranking.topic or None if outcome is Outcome.NONE else None
        if not request.scope:
            ranking = replace(ranking, scores=self._bare.with_kin(ranking.scores))
            order = ranked(ranking.scores, limit)
        akin = self._bare.akin(int(order[0])) if outcome is Outcome.ANSWER else None
        return Finding(text, outcome, self._matches(order, ranking, right), beside=beside, akin=akin)

    def named(self, folded: str) -> Request:
        """What a folded message names outright."""
        return self._lookup.find(folded)

    def own_number(self, measure: Measure) -> str:
        """The document's own number for a measure, where a citation needs it."""
        return self._lookup.own_number(measure)

    def gains(self, ranking: Ranking, measure: Measure) -> dict[int, float]:
        """What each feature of the message adds to a measure's score."""
        return self._index.gains(ranking.query, self._rows[measure.id])

    def _named_in_document(self, text: str, order: NDArray[np.int64], ranking: Ranking, right: float) -> Finding:
        """'63号文关于签证的' asks for all that the document says of it, so everything near the best is listed."""
        near = order[ranking.scores[order] >= NEAR_BEST * ranking.scores[order[0]]]
        outcome = Outcome.ANSWER if near.size == 1 else Outcome.CHOICES
        return Finding(text, outcome, self._matches(near, ranking, right))

    def ranking(self, request: Request, folded: str) -> Ranking:
        """Of what a folded message asks for beside what it names."""
        ranking = self.rank(request.rest or folded, request.documents or request.scope)
        return replace(ranking, within=bool(request.documents))

    def rank(self, folded: str, within: Sequence[str] = ()) -> Ranking:
        """Scores for a folded text, of the measures of some documents only if `within` names them."""
        query = self._index.query(plain(folded))
        return self._ranked(query, self._index.scores(query), within)

    def _ranked(self, query: Query, scores: Scores, within: Sequence[str] = ()) -> Ranking:
        """The ranking that an index's scores become, which are changed for it."""
        mine = scores[: len(self.measures)]
        if within:
            meant = [self._numbers[slug] for slug in within if slug in self._numbers]
            mine[np.isin(self._documents, meant, invert=True)] = 0.0
        refused = tuple(self._refusals(query.text))
        mine[[self._rows[measure_id] for measure_id, _ in refused]] = 0.0
        return self._reranked(query, scores, refused)

    def _reranked(self, query: Query, scores: Scores, refused: Sequence[tuple[str, str]]) -> Ranking:
        """With the likeness of the best entries and of the best out-of-scope topics to the message."""
        mine, rivals = np.split(scores, [len(self.measures)])
        near = self._rerank(query, mine, 0, RERANKED)
        raised = self._bare.raised(mine)
        if raised:
            near = float(self._likeness(query, ranked(mine, 1))[0])
        rival_near = self._rerank(query, rivals, mine.size, RIVALS)
        rival = float(rivals.max(initial=0.0))
        if not rival:
            return Ranking(query, mine, near, 0.0, 0.0, "", refused=tuple(refused), raised=raised)
        topic = int(rivals.argmax())
        kind, row = self._kinds[topic], mine.size + topic
        return Ranking(query, mine, near, rival, rival_near, kind, row, tuple(refused), raised=raised)

    def _rerank(self, query: Query, scores: Scores, first: int, most: int) -> float:
        """Mixes likeness into the scores that could still become the best, in place; the likeness of the one that does.

        :param first: row of the first score.
        """
        if not scores.any():
            return 0.0
        rows = ranked(scores, most)
        first_alike = self._likeness(query, rows[:1] + first)[0]
        rows = rows[scores[rows] >= scores[rows[0]] - LIKENESS_WEIGHT * (1 - first_alike)]
        alike = self._likeness(query, rows + first)
        scores[rows] += LIKENESS_WEIGHT * alike
        scores /= 1 + LIKENESS_WEIGHT
        return float(alike[scores[rows].argmax()])

    def _likeness(self, query: Query, rows: NDArray[np.int64]) -> Scores:
        return likeness(query.text, [self.texts[row] for row in rows.tolist()], by_sound=query.is_spelled)

    def _refusals(self, text: str) -> Iterator[tuple[str, str]]:
        for measure_id, phrases in self._refused.items():
            like = process.extractOne(text, phrases, scorer=fuzz.ratio, score_cutoff=REFUSED_LIKENESS)
            if like:
                yield measure_id, like[0]

    def decision(self, ranking: Ranking) -> decide.Decision:
        """What decides on a ranking."""
        return self._decisions.of(self.measures[int(ranking.scores.argmax())])

    def signals(self, ranking: Ranking) -> Signals:
        """What the decision needs to know of a ranking."""
        first = int(ranking.scores.argmax())
        scores = ranking.scores - ranking.raised if self._bare.rows[first] else ranking.scores  # as it was fitted to
        best = float(scores[first])
        both = ranking.rival + best
        query = ranking.query
        explained = self._index.explained(query, first)
        beside = self._index.explained(query, ranking.topic_row) if ranking.rival else 0.0
        return Signals(
            strength=decide.strength(best),
            lead=1 - self._runner_up(scores, first) / best if best else 0.0,
            rival=ranking.rival / both if both else 1.0,
            likeness=ranking.likeness,
            rival_likeness=ranking.rival_likeness,
            known=query.known,
            brevity=0.0 if ranking.within else 1 / max(1, query.keys.size),
            elsewhere=self._places.elsewhere(query.text),
            explained=explained,
            rival_explained=beside / (beside + explained) if beside else 0.0,
            heard=self._index.heard(query, first) if query.is_spelled else 0.0,
            incidental=0.0 if ranking.within else self._incidental(ranking, first),
            detail=float(self._details.beyond(query.text, self.texts[first].together, spelled=query.is_spelled)),
        )

    def _has_curated_answer(self, ranking: Ranking) -> bool:
        """Whether without the measures that have no phrases one would be answered all the same."""
        scores = np.where(self._bare.rows, 0.0, ranking.scores)
        if not scores.any():
            return False
        near = float(self._likeness(ranking.query, ranked(scores, 1))[0])
        curated = replace(ranking, scores=scores, likeness=near)
        decision = self.decision(curated)
        return decision.outcome(*decision.confidence(self.signals(curated))) is Outcome.ANSWER

    def _incidental(self, ranking: Ranking, first: int) -> float:
        stated = self._index.share_among(ranking.query, first, self._own(first))
        return decide.incidental(stated, ranking.likeness, ranking.query.keys.size)

    def _same(self, row: int) -> list[int]:
        """The rows of an entry and of those that repeat it in another document."""
        return [row, *(self._rows[i] for i in self.measures[row].also_in if i in self._rows)]

    def _runner_up(self, scores: Scores, first: int) -> float:
        others = scores.copy()
        others[self._same(first)] = 0.0
        return float(others.max(initial=0.0))

    def splits(self, folded: str, whole: Ranking) -> Iterator[tuple[Split, tuple[int, int]]]:
        """Every way to read a folded message as two questions: how good it is, and the rows of the two entries.

        The one that the whole message fits better comes first.
        """
        for cut in self._cuts(folded, whole):
            yield Split(cut.lift, min(map(self._sure, cut.parts)), cut.joined), cut.rows

    def _two_topics(self, folded: str, whole: Ranking) -> tuple[int, int] | None:
        """The rows of the two measures that a message asks about: of several pairs that which explains most; or None."""
        for cut in sorted(self._cuts(folded, whole), key=lambda cut: -cut.lift):
            lift, right = self.decision(whole).double_from(joined=cut.joined)
            if cut.lift >= lift and all(self._sure(part) >= right for part in cut.parts):
                return cut.rows
        return None

    def _cuts(self, folded: str, whole: Ranking) -> Iterator[_Cut]:
        """The cuts of a message into parts about two entries that explain it better together."""
        best = int(whole.scores.argmax())
        lifts = self._lifts(whole, best)
        least = self.decision(whole).least_lift
        if lifts.max() < least:
            return
        for joint in _joints(folded):
            parts = self._part(folded[: joint.start()], whole), self._part(folded[joint.end() :], whole)
            rows = [part.row for part in parts if part.row is not None]
            if len(rows) < 2 or rows[1] in self._same(rows[0]):
                continue
            first, other = sorted(rows, key=lambda row: (row != best, -whole.scores[row]))
            lift = float((lifts if first == best else self._lifts(whole, first))[other])
            if lift >= least:
                yield _Cut(parts, (first, other), lift, joint[1] in _CONJUNCTIONS)

    def _lifts(self, whole: Ranking, row: int) -> Scores:
        """What each entry and this one match together, relative to what the best one matches alone."""
        beyond = self._index.beyond(whole.query, row)[: len(self.measures)]
        lifts: Scores = np.where(whole.scores > 0, (whole.scores[row] + beyond) / whole.scores.max(), 0.0)
        return lifts  # 0 also for what the message is not about, by the place or document that it names

    def _sure(self, part: _Part) -> float:
        """P(in domain and the first is right) for a part of a message by itself."""
        ranking = self._ranked(part.query, part.scores)
        return self.decision(ranking).confidence(self.signals(ranking))[1]

    def _part(self, part: str, whole: Ranking) -> _Part:
        """What a part of a message is about, the rest of the message being heard too."""
        query = self._index.query(plain(part))
        scores = self._index.scores(query)
        mine = np.where(whole.scores > 0, scores[: len(self.measures)], 0.0)
        says_little = query.keys.size < LEAST_PART and not _TERM.search(part)
        if says_little or not mine.any():
            return _Part(query, scores, None)
        return _Part(query, scores, int((mine + CONTEXT * whole.scores).argmax()))

    def _matches(self, order: NDArray[np.int64], ranking: Ranking, right: float) -> tuple[Match, ...]:
        """Matches whose scores fall from the confidence in the first in proportion to the ranking's."""
        scale = right / float(ranking.scores.max())
        return tuple(Match(self.measures[row], round(scale * float(ranking.scores[row]), 4)) for row in order)


def _joints(folded: str) -> list[re.Match[str]]:
    """Where a message may be cut in two: at conjunctions, then elsewhere, at most MAX_JOINTS."""
    found = list(_JOINTS.finditer(folded))
    return sorted(found, key=lambda joint: joint[1] not in _CONJUNCTIONS)[:MAX_JOINTS]


def _listed(text: str, request: Request, limit: int) -> Finding:
    outcome = Outcome.ANSWER if len(request.measures) == 1 else Outcome.CHOICES
    matches = tuple(Match(m, 1.0) for m in request.measures)
    return Finding(text, outcome, matches[: max(limit, 1)], heading=request.heading)
