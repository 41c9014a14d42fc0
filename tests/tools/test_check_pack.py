"""The shipped knowledge keeps its rules, and the checker finds what breaks them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from knowledge.model import Measure, Pack
from knowledge.pack import shipped
from tests.reference import MEASURES, needs_reference
from tools.check_pack import Clause, problems, read_reference

CLAUSE = Clause(
    "tea-2030-1/1.1",
    "tourism",
    "允许在本市设立的茶馆在等值200万美元额度内试点经营临港新片区夜市业务（涉及烟花的除外），审批缩短至7个工作日。",
)
SUMMARY = "在上海设立的茶馆，允许在等值200万美元的额度内试点经营临港新片区夜市，涉及烟花的除外；审批缩至7个工作日。"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return shipped()


@pytest.fixture
def teahouse(pack: Pack) -> Callable[..., Pack]:
    """A pack of one sound measure, with some of its fields changed."""

    def build(**changes: object) -> Pack:
        measure = Measure(
            id=CLAUSE.id,
            document="tea-2030-1",
            item=1,
            ordinal=1,
            sectors=("tourism",),
            title="茶馆夜市经营试点",
            summary=SUMMARY,
            keywords=("茶馆夜市",),
            aliases=("night market",),
            asked_as=tuple(f"茶馆晚上能开到{hour}点吗" for hour in range(15)),
        )
        return Pack(sectors=pack.sectors, measures=(replace(measure, **changes),))  # type: ignore[arg-type]

    return build


def test_the_shipped_knowledge_keeps_every_rule_that_needs_no_reference(pack: Pack) -> None:
    assert problems(pack) == []


@needs_reference
def test_the_shipped_knowledge_is_faithful_to_the_reference(pack: Pack) -> None:
    reference = read_reference(MEASURES)
    assert len(reference) == 126
    assert problems(pack, reference) == []


def test_both_documents_have_their_overall_questions_answered(pack: Pack) -> None:
    ids = {measure.id for measure in pack.measures if measure.is_overview}
    assert ids == {f"mofcom-2021-63/0.{n}" for n in range(1, 8)} | {f"shanghai-2020-24/0.{n}" for n in range(1, 8)}


def test_the_measure_that_breaks_off_says_so(pack: Pack) -> None:
    broken = next(measure for measure in pack.measures if measure.id == "shanghai-2020-24/8.4")
    assert broken.note
    assert "中断" in broken.note
    assert "中断" in broken.summary


def test_a_sound_measure_has_no_problem(teahouse: Callable[..., Pack]) -> None:
    assert problems(teahouse(), {CLAUSE.id: CLAUSE}) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "支持茶馆夜市"}, "title begins with a verb"),
        ({"title": "茶" * 25}, "title of 25 characters"),
        ({"summary": "茶" * 121}, "summary of 121 characters"),
        ({"asked_as": ("茶馆夜市",) * 20}, "1 phrases, 15 are wanted"),
        ({"sectors": ("tea",)}, "unknown sectors ['tea']"),
        ({"sectors": ()}, "a measure needs a sector"),
        ({"aliases": ()}, "no keywords or no aliases"),
        ({"also_in": ("tea-2031-2/1.1",)}, "which is not there"),
    ],
)
def test_a_broken_rule_is_found(teahouse: Callable[..., Pack], changes: dict[str, object], problem: str) -> None:
    found = problems(teahouse(**changes))
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("ours", "wrong", "problem"),
    [
        ("等值200万美元", "等值20万美元", "number 200万美元 is lost"),
        ("等值200万美元", "等值20万美元", "number 20万美元 is added"),
        ("7个工作日", "7天", "number 7个工作日 is lost"),
        ("临港新片区", "临港", "place 临港新片区 is lost"),
        ("在上海设立", "本地设立", "place 上海 is lost"),
        ("，涉及烟花的除外", "", "exception 烟花 is lost"),
        ("涉及烟花的除外", "烟花也行", "exception 烟花 is lost"),
        ("试点经营", "经营", "试点 is lost"),
        ("允许", "可", "允许 is lost"),
        (SUMMARY, CLAUSE.text, "copies a sentence"),
    ],
)
def test_an_unfaithful_summary_is_found(teahouse: Callable[..., Pack], ours: str, wrong: str, problem: str) -> None:
    found = problems(teahouse(summary=SUMMARY.replace(ours, wrong)), {CLAUSE.id: CLAUSE})
    assert any(problem in line for line in found), found


def test_what_only_one_side_holds_is_found(teahouse: Callable[..., Pack]) -> None:
    other = replace(CLAUSE, id="tea-2030-1/1.2")
    assert problems(teahouse(), {other.id: other})[:2] == [
        "tea-2030-1/1.1: not in the reference",
        "tea-2030-1/1.2: not in the pack",
    ]


def test_another_primary_sector_than_the_references_is_found(teahouse: Callable[..., Pack]) -> None:
    found = problems(teahouse(sectors=("finance", "tourism")), {CLAUSE.id: CLAUSE})
    assert found == ["tea-2030-1/1.1: primary sector is not tourism"]


def test_a_phrase_of_two_measures_is_found_unless_they_repeat_each_other(teahouse: Callable[..., Pack]) -> None:
    one = teahouse().measures[0]
    twin = replace(one, id="tea-2031-2/1.1", document="tea-2031-2", asked_as=(*one.asked_as[:-1], "茶馆能开夜市吗"))
    pack = replace(teahouse(), measures=(one, twin))
    assert len(problems(pack)) == 14
    paired = replace(pack, measures=(replace(one, also_in=(twin.id,)), replace(twin, also_in=(one.id,))))
    assert problems(paired) == []
