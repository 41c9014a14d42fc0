from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.model import NO_REPLY, Block, Reply
from handlers.render import ELLIPSIS, LIMIT_BYTES, cut, fit

LINK = '<a href="https://example.com/measures/a/1.2">查看全文</a>'
FAMILY = "👨\u200d👩\u200d👧"
CLUSTERS = [FAMILY, "👍🏽", "❤\ufe0f", "e\u0301", "🇨🇳", "1\ufe0f\u20e3", "นี้", "\r\n"]


def size(text: str) -> int:
    return len(text.encode())


pieces = st.one_of(
    st.text(max_size=20),
    st.text("试点企业可以申请。！？；\n ", max_size=60),
    st.sampled_from([LINK, "<a ", "</a>", *CLUSTERS]),
)
texts = st.lists(pieces, max_size=8).map("".join)
linked = st.lists(st.sampled_from([LINK, "试点。", "甲", "e\u0301", "\n"]), max_size=8).map("".join)
blocks = st.builds(Block, texts, st.booleans())
replies = st.builds(Reply, st.lists(blocks, max_size=6).map(tuple), st.sampled_from(["", "回复“详情”看全文"]))


def test_a_reply_that_fits_is_its_blocks_line_by_line() -> None:
    reply = Reply((Block("标题"), Block("摘要。", cuttable=True), Block(LINK)), when_cut="回复“详情”")
    assert fit(reply) == f"标题\n摘要。\n{LINK}"


def test_no_reply_is_no_text() -> None:
    assert fit(NO_REPLY) == ""


def test_the_exact_limit_still_fits() -> None:
    reply = Reply((Block("字" * 10, cuttable=True),), when_cut="还有")
    assert fit(reply, 30) == "字" * 10
    assert fit(reply, 29) != "字" * 10


def test_only_the_cuttable_block_is_cut_and_the_reply_says_how_to_go_on() -> None:
    summary = "第一句话在这里。" * 200
    reply = Reply((Block("标题"), Block(summary, cuttable=True), Block(LINK)), when_cut="回复“详情”看全文")
    title, kept, link, hint = fit(reply).split("\n")
    assert (title, link, hint) == ("标题", LINK, "回复“详情”看全文")
    assert summary.startswith(kept)
    assert kept.endswith("。")
    assert LIMIT_BYTES - 2 * size("第一句话在这里。") < size(fit(reply)) <= LIMIT_BYTES


def test_the_last_cuttable_block_gives_way_first() -> None:
    reply = Reply((Block("甲" * 20, cuttable=True), Block("乙"), Block("丙" * 20, cuttable=True), Block("丁")))
    assert fit(reply, 100) == f"{'甲' * 20}\n乙\n{'丙' * 9}…\n丁"
    assert fit(reply, 30) == f"{'甲' * 6}…\n乙\n丁"


def test_where_nothing_is_cuttable_the_longest_line_is_cut() -> None:
    reply = Reply((Block("甲甲"), Block("乙" * 100), Block("丙丙")))
    assert fit(reply, 60) == f"甲甲\n{'乙' * 14}…\n丙丙"


def test_a_tiny_limit_is_kept_even_by_the_hint() -> None:
    reply = Reply((Block("甲" * 100),), when_cut="回复“详情”看全文")
    for limit in range(60):
        assert size(fit(reply, limit)) <= limit


def test_lines_left_empty_on_purpose_stay_unless_they_cost_too_much() -> None:
    reply = Reply((Block("甲"), Block(""), Block("乙" * 9, cuttable=True)))
    assert fit(reply) == f"甲\n\n{'乙' * 9}"
    assert fit(reply, 20) == f"甲\n\n{'乙' * 4}…"


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("一二三。四五六七八九", 18, "一二三。"),
        ("一二三！四五六七八九", 18, "一二三！"),
        ("一二三？四五六七八九", 18, "一二三？"),
        ("一二三；四五六七八九", 18, "一二三；"),
        ("一二三\n四五六七八九", 18, "一二三"),
        ("他说“一二。”三四五六", 24, "他说“一二。”"),
        ("一。二三四五六七八九十", 24, "一。二三四五六…"),  # that end is too far away
        ("一二三四五六七八九十", 15, "一二三四…"),
        ("一二三四五六七八九十", 16, "一二三四…"),
        ("一二三四五六七八九十", 5, ""),
        ("abcdef ghijkl", 10, "abcdef…"),
    ],
)
def test_a_text_is_cut_at_a_sentence_if_one_is_near(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_what_looks_like_one_character_is_never_divided(cluster: str) -> None:
    text = cluster * 5
    starts = {cluster * count for count in range(5)}
    for limit in range(size(text)):
        assert cut(text, limit).removesuffix(ELLIPSIS) in starts | {start.rstrip() for start in starts}


def test_a_link_is_kept_whole_or_left_out() -> None:
    text = f"说明在这里{LINK}后面还有字"
    kept = {cut(text, limit) for limit in range(size(text))}
    assert f"说明在这里{LINK}…" in kept
    assert "说明在这里…" in kept
    assert all(line.count("<") in (0, 2) for line in kept)


def test_a_sentence_that_ends_inside_a_link_is_no_place_to_cut() -> None:
    assert cut('甲乙<a href="u">丙。丁</a>戊己', 32) == "甲乙…"


@given(replies, st.integers(0, 400))
def test_a_reply_never_exceeds_its_limit(reply: Reply, limit: int) -> None:
    assert size(fit(reply, limit)) <= limit


@given(replies)
def test_a_reply_within_its_limit_is_not_touched(reply: Reply) -> None:
    whole = "\n".join(block.text for block in reply.blocks)
    assert fit(reply, size(whole)) == whole


@given(st.lists(st.builds(Block, linked, st.booleans()), max_size=4).map(tuple), st.integers(0, 400))
def test_no_link_is_ever_divided(blocks: tuple[Block, ...], limit: int) -> None:
    assert "<" not in fit(Reply(blocks), limit).replace(LINK, "")


@given(replies, st.integers(0, 400))
def test_other_blocks_stay_whole_while_they_fit(reply: Reply, limit: int) -> None:
    fixed = [block.text for block in reply.blocks if not block.cuttable]
    if size("\n".join([*fixed, reply.when_cut])) <= limit:
        shown = fit(reply, limit)
        place = 0
        for line in fixed:
            place = shown.index(line, place) + len(line)


@given(texts, st.integers(0, 400))
def test_a_cut_text_is_the_beginning_of_the_whole(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert size(kept) <= limit
    assert text.startswith((kept, kept.removesuffix(ELLIPSIS)))


def test_lone_surrogates_do_no_harm() -> None:
    assert fit(Reply((Block("\ud800" * 10, cuttable=True), Block("乙"))), 12) == "乙"


def test_long_texts_and_hostile_ones_are_cut_to_the_limit() -> None:
    for text in ("试点。" * 10_000, "<a " * 10_000, "🇨" * 10_000, LINK * 1_000, "e" + "\u0301" * 10_000):
        assert size(fit(Reply((Block(text, cuttable=True),)))) <= LIMIT_BYTES
