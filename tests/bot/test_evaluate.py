"""The figures of a labelled set, checked against ones worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from bot import evaluate
from knowledge.model import Finding, Match, Measure, Outcome


def measure(id_: str) -> Measure:
    return Measure(id_, "d", 1, 1, ("finance",), id_, id_)


def found(outcome: Outcome, *ids: str) -> Finding:
    return Finding("", outcome, tuple(Match(measure(i), 0.5) for i in ids))


ANSWERS = {
    "right": found(Outcome.ANSWER, "a", "b"),
    "second": found(Outcome.CHOICES, "b", "a"),
    "fine": found(Outcome.ANSWER, "c", "b", "d", "a"),
    "wrong": found(Outcome.ANSWER, "x"),
    "silent": found(Outcome.NONE),
    "list": found(Outcome.CHOICES, "a", "b", "x"),
    "weather": found(Outcome.NONE, "a"),
    "lunch": found(Outcome.CHOICES, "a"),
}


def figures(*lines: dict[str, Any]) -> dict[str, evaluate.Figures]:
    return evaluate.measure(lambda text, limit: ANSWERS[text], [evaluate.question(line) for line in lines])


def line(q: str, kind: str = "keyword", gold: tuple[str, ...] = ("a",), ok: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"q": q, "kind": kind, "gold": list(gold), "ok": list(ok)}


def value(share: evaluate.Share | None) -> float:
    assert share
    return share.value


def test_a_single_id_in_place_of_a_list_is_refused() -> None:
    for field in ("gold", "ok"):
        with pytest.raises(TypeError):
            evaluate.question(line("right") | {field: "mofcom-2021-63/2.13"})


def test_hits_look_at_the_order_of_results_whatever_the_status() -> None:
    made = figures(line("right"), line("second"), line("fine", ok=("c",)), line("silent"))["keyword"]
    assert (value(made.hit1), value(made.hit3), value(made.hit5)) == (0.25, 0.5, 0.75)
    assert made.mrr == pytest.approx((1 + 1 / 2 + 1 / 4 + 0) / 4)


def test_an_answer_that_is_neither_gold_nor_fine_is_wrong_and_none_is_counted_apart() -> None:
    made = figures(line("right"), line("fine", ok=("c",)), line("wrong"), line("silent"))["keyword"]
    assert (value(made.wrong), value(made.none)) == (0.25, 0.25)


def test_out_of_domain_anything_but_none_is_false() -> None:
    made = figures(line("weather", "none-chitchat", ()), line("lunch", "none-chitchat", ()))
    assert value(made["none-chitchat"].false) == 0.5
    assert made["none-chitchat"].hit1 is None


def test_lists_have_recall_at_the_number_of_golds_and_precision() -> None:
    made = figures(line("list", "clause", ("a", "x")))["clause"]
    assert made.recall == 0.5
    assert made.precision == pytest.approx(2 / 3)


def test_groups_pool_their_lines() -> None:
    made = figures(line("right"), line("second", "typo"), line("weather", "none-x", ()))
    assert (made["in domain"].lines, made["out of domain"].lines) == (2, 1)
    assert value(made["in domain"].hit1) == 0.5


def test_the_interval_is_wilsons() -> None:
    share = evaluate.Share.of(9, 10)  # worked out with the formula by hand
    assert share.low == pytest.approx(0.5958, abs=1e-4)
    assert share.high == pytest.approx(0.9821, abs=1e-4)
    assert evaluate.Share.of(0, 5).low == 0
    assert evaluate.Share.of(5, 5).high == 1


def test_the_table_has_a_row_for_each_kind() -> None:
    table = evaluate.as_table(figures(line("right"), line("weather", "none-x", ())))
    assert [row.split()[0] for row in table.splitlines()[:3]] == ["kind", "keyword", "none-x"]
