"""Why a message led to what it led to: which parts matched which texts, how much each counts, and what was decided.

Works out on demand what the matcher does not keep; shows itself on the terminal (`pilotbot ask --explain`) and to admins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from knowledge import pieces
from knowledge.decide import Decision, Signals
from knowledge.features import FeatureKind
from knowledge.match import Matcher, Ranking, fields_of
from knowledge.model import Evidence, Finding, Match, Measure
from knowledge.normalise import MAX_CHARS, fold
from knowledge.pieces import Piece
from knowledge.postings import Field
from knowledge.synonyms import Synonyms

# How a feature matched.
WAYS: Mapping[FeatureKind, str] = MappingProxyType(
    {
        FeatureKind.CHAR: "characters",
        FeatureKind.PAIR: "characters",
        FeatureKind.GAP: "characters",
        FeatureKind.WORD: "word",
        FeatureKind.CONCEPT: "synonym",
        FeatureKind.SOUND: "sound",
        FeatureKind.SYLLABLE: "sound",
    }
)
LEAST = 0.02  # share of an entry's score; what counts less is not worth a line


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the decision came about."""

    signals: Signals
    in_domain: float  # P(some entry is what the person asks about)
    right: float  # P(in domain and the first entry is the right one): the score of the first result
    none_below: float  # no answer under this P(in domain)
    answer_from: float  # an answer, not choices, from this P(right)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding whose matches carry their evidence."""

    finding: Finding
    verdict: Verdict | None = None  # None where the message names what it wants, or nothing matches at all
    refused: tuple[tuple[str, str], ...] = ()  # (id, phrase): entries that an admin's 'not about this' takes away


def explain(matcher: Matcher, text: str, limit: int = 10) -> Explanation:
    """What `matcher.find(text, limit)` finds, with the reasons. Pure; for people, not for the hot path."""
    finding = matcher.find(text, limit)
    folded = fold(text[:MAX_CHARS])
    request = matcher.named(folded)
    if request.names:
        matches = (
            replace(m, evidence=(Evidence(request.names, "", folded, finding.heading or "", 1.0),))
            for m in finding.matches
        )
        return Explanation(replace(finding, matches=tuple(matches)))
    if request.missing:
        return Explanation(finding)
    ranking = matcher.ranking(request, folded)
    matches = (_with_evidence(matcher, ranking, match) for match in finding.matches)
    verdict = _verdict(matcher.decision(ranking), matcher.signals(ranking)) if finding.matches else None
    return Explanation(replace(finding, matches=tuple(matches)), verdict, ranking.refused)


def _verdict(decision: Decision, signals: Signals) -> Verdict:
    in_domain, right = decision.confidence(signals)
    return Verdict(signals, in_domain, right, decision.none_below, decision.answer_from)


def _with_evidence(matcher: Matcher, ranking: Ranking, match: Match) -> Match:
    gains = matcher.gains(ranking, match.measure)
    found = evidence(ranking.query.text, match.measure, gains, matcher.synonyms)
    return replace(match, evidence=tuple(found))


def evidence(text: str, measure: Measure, gains: Mapping[int, float], synonyms: Synonyms) -> list[Evidence]:
    """The parts of a plain message that a measure's texts hold, the weightiest first.

    :param gains: what each feature adds to the measure's score.
    """
    spelled = [piece for piece in pieces.of_message(text, synonyms) if piece.key in gains]
    total = sum(gains.values())
    found = [
        Evidence(way, field.name, _parts(text, some), field.text, round(sum(gains[k] for k in _keys(some)) / total, 4))
        for field, held in _by_field(spelled, fields_of(measure), gains, synonyms)
        for way, some in _by_way(held)
    ]
    return sorted((e for e in found if e.weight >= LEAST), key=lambda e: -e.weight)


def _keys(some: Iterable[Piece]) -> set[int]:
    return {piece.key for piece in some}


def _by_field(
    spelled: Sequence[Piece], fields: Iterable[Field], gains: Mapping[int, float], synonyms: Synonyms
) -> Iterator[tuple[Field, list[Piece]]]:
    """Each piece with one of the texts that hold it: those that explain most take theirs first."""
    holds = [(field, _keys(pieces.of_text(field.text, synonyms))) for field in fields]
    left = _keys(spelled)
    while left and holds:
        best = max(holds, key=lambda held: (sum(gains[key] for key in held[1] & left), held[0].weight))
        taken = best[1] & left
        if not taken:
            return
        yield best[0], [piece for piece in spelled if piece.key in taken]
        left -= taken


def _by_way(held: Sequence[Piece]) -> list[tuple[str, list[Piece]]]:
    """Sounds of characters that match as characters are no evidence of their own."""
    written = {place for piece in held if WAYS[piece.kind] == "characters" for place in piece.places}
    ways: dict[str, list[Piece]] = {}
    for piece in held:
        ways.setdefault("characters" if written.issuperset(piece.places) else WAYS[piece.kind], []).append(piece)
    return list(ways.items())


def _parts(text: str, some: Iterable[Piece]) -> str:
    """The characters of the pieces, '…' between those that do not touch."""
    places = sorted({place for piece in some for place in piece.places})
    told = ""
    for before, place in zip([-1, *places], places, strict=False):
        told += ("…" if told and place != before + 1 else "") + text[place]
    return told
