"""What is worked out once is told again, but only while it is still right."""

import gc
import weakref
from dataclasses import replace
from datetime import date

from handlers.answers import Answers
from handlers.render import fit
from handlers.replies import Speaker
from handlers.topics import topics_of
from knowledge.library import Library
from knowledge.model import Finding, Pack
from tests.bot.web.shelf import CUP, PACK
from tests.handlers.talk import address

TODAY, TOMORROW = date(2032, 11, 24), date(2032, 11, 25)
MEASURE = PACK.measures[0]
QUESTION = MEASURE.title


class Counted(Library):
    """Knowledge that counts how often it is searched."""

    searches = 0

    def find(self, text: str, limit: int = 10) -> Finding:
        self.searches += 1
        return super().find(text, limit)


def test_a_question_is_worked_out_once() -> None:
    library, answers = Counted(PACK), Answers(Speaker(address, lambda _: None))
    first = answers.answer(library, TODAY, QUESTION)
    assert first.answered == (MEASURE.id,)
    assert answers.answer(library, TODAY, QUESTION) == first
    assert library.searches == 1


def test_other_knowledge_gives_another_answer() -> None:
    answers = Answers(Speaker(address, lambda _: None))
    corrected = replace(PACK, measures=(replace(MEASURE, summary="改过的摘要。"), *PACK.measures[1:]))
    before, after = (answers.answer(Library(pack), TODAY, QUESTION) for pack in (PACK, corrected))
    assert MEASURE.summary in fit(before.reply)
    assert "改过的摘要。" in fit(after.reply)


def test_a_caveat_that_begins_tomorrow_is_told_tomorrow() -> None:
    notes: list[str | None] = [None]
    library, answers = Library(PACK), Answers(Speaker(address, lambda _: notes[0]))
    today = answers.answer(library, TODAY, QUESTION)
    notes[0] = "试点已结束"
    assert answers.answer(library, TODAY, QUESTION) == today
    assert "试点已结束" in fit(answers.answer(library, TOMORROW, QUESTION).reply)


def test_a_measure_whose_document_is_not_there_is_not_given_a_number() -> None:
    lost = replace(MEASURE, id="gone-2025-8/1.1", document="gone-2025-8", also_in=())
    speaker = Speaker(lambda _: "https://example.com", lambda _: None)
    told = fit(speaker.answer(Library(Pack(measures=(lost,))), [lost]))
    assert "（文件不在库里，出处请核实）" in told
    assert "gone-2025-8" not in told


def test_what_another_document_says_of_nearly_the_same_is_cited_behind_the_answer() -> None:
    akin = replace(
        MEASURE, id=f"{CUP.slug}/9.2", document=CUP.slug, item=9, ordinal=2, title="相近的<一条>", also_in=()
    )
    library = Library(replace(PACK, measures=(*PACK.measures, akin)))
    told = fit(Speaker(address, lambda _: None).answer(library, [MEASURE], akin))
    cited = f"相近措施：相近的＜一条＞（{CUP.number} 第9条第2项）"
    assert f'{cited} <a href="{address(akin.id)}">查看详情</a>' in told.split("\n")


def test_only_the_latest_are_kept() -> None:
    library, answers = Counted(PACK), Answers(Speaker(address, lambda _: None), keeps=1)
    for question in (QUESTION, PACK.measures[1].title, QUESTION):
        answers.answer(library, TODAY, question)
    assert library.searches == 3


def test_old_knowledge_can_be_let_go() -> None:
    library, answers = Library(PACK), Answers(Speaker(address, lambda _: None))
    answers.answer(library, TODAY, QUESTION)
    topics_of(library)
    gone = weakref.ref(library)
    del library
    gc.collect()
    assert gone() is None


def test_what_a_document_prints_is_told_beside_a_citation_that_says_another_number() -> None:
    measures = [
        replace(m, number=number) for m, number in zip(PACK.measures[:2], ("二、（一）", "二、（三）"), strict=True)
    ]
    library, speaker = Library(replace(PACK, measures=tuple(measures))), Speaker(address, lambda _: None)
    assert f"{MEASURE.clause}，原文二、（一）" in fit(speaker.answer(library, measures[:1]))
    assert f"{MEASURE.clause}，原文" not in fit(speaker.answer(Library(PACK), [MEASURE]))
