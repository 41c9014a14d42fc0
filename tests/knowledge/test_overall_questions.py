"""What a document says as a whole is found, and what no document says is answered honestly."""

from __future__ import annotations

import pytest

from knowledge.library import Library
from knowledge.model import Outcome
from knowledge.pack import shipped


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(shipped())


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("63号文目标", "mofcom-2021-63/0.1"),
        ("24号文目标", "shanghai-2020-24/0.1"),
        ("试点几年", "mofcom-2021-63/0.2"),
        ("24号文还有效吗", "shanghai-2020-24/0.2"),
        ("63号文谁负责", "mofcom-2021-63/0.3"),
        ("24号文谁负责", "shanghai-2020-24/0.3"),
        ("具体找谁办", "mofcom-2021-63/0.3"),
        ("63号文的基本原则", "mofcom-2021-63/0.4"),
        ("24号文的基本原则", "shanghai-2020-24/0.6"),
        ("63号文怎么组织实施", "mofcom-2021-63/0.5"),
        ("24号文怎么组织实施", "shanghai-2020-24/0.6"),
        ("两份文件有什么区别", "mofcom-2021-63/0.6"),
        ("24号文怎么不全", "shanghai-2020-24/0.5"),
        ("24号文依据什么制定", "shanghai-2020-24/0.4"),
    ],
)
def test_an_overall_question_is_answered(library: Library, question: str, entry: str) -> None:
    finding = library.find(question)
    assert (finding.outcome, finding.matches[0].measure.id) == (Outcome.ANSWER, entry)


@pytest.mark.parametrize("question", ["谁负责", "试点什么时候结束"])
def test_what_both_documents_answer_for_themselves_is_a_choice(library: Library, question: str) -> None:
    finding = library.find(question)
    assert finding.outcome is Outcome.CHOICES
    assert len({match.measure.document for match in finding.matches[:2]}) == 2


def test_who_is_responsible_is_answered_with_bodies_and_without_contacts(library: Library) -> None:
    for document in library.documents:
        summary = library.measures[f"{document}/0.3"].summary
        assert "没有写经办部门、联系人或电话" in summary
