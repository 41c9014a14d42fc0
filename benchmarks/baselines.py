"""The lexical baselines that matching is measured against. Each answers with the row of its best article, -1 for none."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence

import bm25s
import numpy as np
import rjieba
from rapidfuzz import fuzz, process

Find = Callable[[str], int]


def bm25_words(texts: Sequence[str]) -> Find:
    """BM25 over the words that jieba's dictionary finds."""
    return _bm25(texts, lambda text: [word for word in rjieba.cut_for_search(text) if not word.isspace()])


def bm25_bigrams(texts: Sequence[str]) -> Find:
    """BM25 over pairs of neighbouring characters."""
    return _bm25(texts, lambda text: _grams(text, (2,)))


def _bm25(texts: Sequence[str], tokens: Callable[[str], list[str]]) -> Find:
    model = bm25s.BM25()
    model.index([tokens(text) for text in texts], show_progress=False)

    def find(query: str) -> int:
        known = [token for token in tokens(query) if token in model.vocab_dict]
        if not known:
            return -1
        rows, scores = model.retrieve([known], k=1, show_progress=False)
        return int(rows[0, 0]) if scores[0, 0] > 0 else -1

    return find


def fts5_trigram(texts: Sequence[str]) -> Find:
    """SQLite's full-text search over trigrams, any of the query's."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE article USING fts5(text, tokenize='trigram')")
    database.executemany("INSERT INTO article(rowid, text) VALUES (?, ?)", enumerate(texts))

    def find(query: str) -> int:
        grams = [gram for gram in dict.fromkeys(_grams(query, (3,))) if '"' not in gram]
        if not grams:
            return -1
        any_of = " OR ".join(f'"{gram}"' for gram in grams)
        hit = database.execute(
            "SELECT rowid FROM article WHERE article MATCH ? ORDER BY rank LIMIT 1", (any_of,)
        ).fetchone()
        return hit[0] if hit else -1

    return find


def tfidf_ngrams(texts: Sequence[str]) -> Find:
    """Cosine of TF-IDF vectors over n-grams of one to three characters."""
    counts = [Counter(_grams(text, (1, 2, 3))) for text in texts]
    holders: dict[str, list[int]] = {}
    for row, grams in enumerate(counts):
        for gram in grams:
            holders.setdefault(gram, []).append(row)
    idf = {gram: math.log((1 + len(texts)) / (1 + len(rows))) + 1 for gram, rows in holders.items()}
    norms = np.array([math.sqrt(sum((n * idf[g]) ** 2 for g, n in grams.items())) or 1.0 for grams in counts])
    postings = {
        gram: (
            np.array(rows, np.int32),
            np.array([counts[row][gram] * idf[gram] for row in rows], np.float32) / norms[rows].astype(np.float32),
        )
        for gram, rows in holders.items()
    }

    def find(query: str) -> int:
        scores = np.zeros(len(texts), np.float32)
        for gram, n in Counter(_grams(query, (1, 2, 3))).items():
            if gram in postings:
                rows, weights = postings[gram]
                scores[rows] += n * idf[gram] * weights
        return int(scores.argmax()) if scores.any() else -1

    return find


def brute_force(texts: Sequence[str]) -> Find:
    """rapidfuzz's partial ratio against every article."""

    def find(query: str) -> int:
        best = process.extractOne(query, texts, scorer=fuzz.partial_ratio)
        return int(best[2]) if best and best[1] > 0 else -1

    return find


def _grams(text: str, sizes: Sequence[int]) -> list[str]:
    return [text[at : at + size] for size in sizes for at in range(len(text) - size + 1)]


BASELINES: dict[str, Callable[[Sequence[str]], Find]] = {
    "BM25 over words": bm25_words,
    "BM25 over bigrams": bm25_bigrams,
    "SQLite FTS5 trigram": fts5_trigram,
    "TF-IDF over n-grams": tfidf_ngrams,
    "rapidfuzz, all": brute_force,
}
