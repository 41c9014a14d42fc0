from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.word_diff import Act, Piece, word_diff

TEXT = st.text(alphabet="甲乙丙ab1 ，", max_size=30)


def test_a_changed_number_is_one_word() -> None:
    assert word_diff("试点共126项", "试点共130项") == [
        Piece(Act.SAME, "试点共"),
        Piece(Act.GONE, "126"),
        Piece(Act.NEW, "130"),
        Piece(Act.SAME, "项"),
    ]


@given(TEXT, TEXT)
def test_the_pieces_join_to_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.act is not Act.NEW) == before
    assert "".join(p.text for p in pieces if p.act is not Act.GONE) == after
