"""Properties of matching that hold for any text, and the fast index against a slow and obvious one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import features, index, pieces
from knowledge.explain import explain
from knowledge.features import FeatureKind
from knowledge.index import KIND_WEIGHTS, Index
from knowledge.lookup import Lookup
from knowledge.match import Matcher, fields_of
from knowledge.model import Outcome
from knowledge.normalise import fold, plain
from knowledge.postings import LEANING, LENGTH_COUNTS, SATURATION, USUAL_LENGTH, Field, Postings
from knowledge.synonyms import Synonyms
from tests.knowledge.plans import PACK

MATCHER = Matcher(PACK)
SYNONYMS = Synonyms(PACK.synonyms)
ENTRIES = [fields_of(measure) for measure in PACK.measures]
WORDS = [
    "邮轮",
    "船票",
    "引航员",
    "牌照",
    "老外",
    "foreigner",
    "chuanbo",
    "dengji",
    "仓库",
    "夜班",
    "7号文",
    "第1条",
    "1.2",
    "和",
    " ",
    "，",
    "的",
]
# Text as people type it, and anything that Unicode holds, lone surrogates included.
MESSAGES = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
ANY = settings(max_examples=150, deadline=None)


@ANY
@given(MESSAGES)
def test_any_text_gets_an_answer_within_bounds(text: str) -> None:
    found = MATCHER.find(text, 3)
    assert len(found.matches) <= 3
    assert all(0 <= match.score <= 1 for match in found.matches)
    assert found.query == text
    if found.outcome is Outcome.ANSWER:
        assert 1 <= found.answers <= len(found.matches)


@pytest.mark.parametrize(
    "unit", ["船", "a", "1.", "第1条", "邮轮和", "🙂", "\u0301", "\ud800", "((", "chuan", "第" * 40]
)
def test_a_message_of_any_length_gets_an_answer(unit: str) -> None:
    assert len(MATCHER.find(unit * 50_000).matches) <= 10


@ANY
@given(st.text(max_size=60))
def test_folding_and_plainness_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert plain(plain(fold(text))) == plain(fold(text))
    assert fold(plain(fold(text))) == plain(fold(text))


@ANY
@given(MESSAGES)
def test_the_same_question_gets_the_same_answer_also_from_another_matcher(text: str) -> None:
    assert MATCHER.find(text) == MATCHER.find(text) == OTHER.find(text)


OTHER = Matcher(PACK)


@ANY
@given(MESSAGES)
def test_every_message_can_be_explained(text: str) -> None:
    found = MATCHER.find(text)
    explained = explain(MATCHER, text).finding
    assert [m.measure.id for m in explained.matches] == [m.measure.id for m in found.matches]


@ANY
@given(st.lists(MESSAGES, max_size=4))
def test_features_are_those_of_the_obvious_way(texts: list[str]) -> None:
    texts = [plain(fold(text)) for text in texts]
    found = features.extract(texts, SYNONYMS)
    for row, text in enumerate(texts):
        assert set(found.keys[found.rows == row].tolist()) == {p.key for p in pieces.of_text(text, SYNONYMS)}


@ANY
@given(MESSAGES)
def test_the_index_scores_as_the_obvious_way_does(text: str) -> None:
    text = plain(fold(text))
    assert FAST.scores(FAST.query(text)) == pytest.approx(obvious_scores(text), abs=2e-3)


FAST = Index(Postings.of(ENTRIES, SYNONYMS), len(ENTRIES), SYNONYMS)


def obvious_gains(entry: Sequence[Field]) -> dict[int, float]:
    """What each feature of an entry adds to its score, before the feature's worth."""
    frequency: dict[int, float] = {}
    for field in entry:
        for key in {piece.key for piece in pieces.of_text(field.text, SYNONYMS)}:
            frequency[key] = frequency.get(key, 0.0) + field.weight
    length = sum(len(field.text) for field in entry)
    slowness = SATURATION * (1 - LENGTH_COUNTS + LENGTH_COUNTS * length / USUAL_LENGTH)
    leans = all(field.name != "asked_as" for field in entry)
    return {
        key: often / (often + slowness) * (LEANING if leans and is_concept(key) else 1)
        for key, often in frequency.items()
    }


def is_concept(key: int) -> bool:
    return FeatureKind(key >> features.SHIFT) is FeatureKind.CONCEPT


HELD = [obvious_gains(entry) for entry in ENTRIES]


def obvious_scores(text: str) -> list[float]:
    """BM25 of every entry, read off the definition."""
    spelled = features.typed_pinyin(text)
    wanted = {piece.key for piece in pieces.of_message(text, SYNONYMS)}
    # Letters that read as pinyin are no unknown words.
    wanted -= {key for key in spelled.words.tolist() if not any(key in held for held in HELD)}
    worth = {key: weight(key) * rarity(sum(key in held for held in HELD)) for key in wanted}
    mass = sum(worth.values())
    return [sum(worth[k] * held[k] for k in wanted if k in held) / mass if mass else 0.0 for held in HELD]


def weight(key: int) -> float:
    return KIND_WEIGHTS[FeatureKind(key >> features.SHIFT)]


def rarity(holders: int) -> float:
    return math.log1p((len(ENTRIES) - holders + 0.5) / (holders + 0.5))


def test_reading_only_the_rarest_features_finds_the_same_best_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{a}{b}的管理办法" for a in "港船车桥路站机货客票" for b in "东西南北中前后左右上"]
    postings = Postings.of([[Field(text, 1.0)] for text in texts], Synonyms(()))
    big = Index(postings, len(texts), Synonyms(()))
    queries = [big.query(text) for text in ("票上的管理", "机前管理办法", "客左办法的")]
    full = [big.scores(query) for query in queries]
    monkeypatch.setattr(index, "LONGEST_READ", 30)
    monkeypatch.setattr(index, "CANDIDATES", 20)
    for query, expected in zip(queries, full, strict=True):
        scores = big.scores(query)
        assert int(scores.argmax()) == int(expected.argmax())
        assert scores.max() == pytest.approx(expected.max())
        assert np.all(scores <= expected + 1e-9)


@ANY
@given(MESSAGES)
def test_looking_up_names_never_fails(text: str) -> None:
    found = Lookup(PACK, PACK.measures).find(fold(text))
    assert not (found.measures and found.missing)


@ANY
@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=30), st.integers(1, 30))
def test_the_highest_are_those_that_sorting_puts_first(values: list[float], count: int) -> None:
    found = index.highest(np.array(values), count)
    assert sorted(found.tolist()) == sorted(sorted(range(len(values)), key=lambda i: (-values[i], i))[:count])
