from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wecom.errors import MalformedMessage
from bot.wecom.xml import MAX_ELEMENTS, Value, parse

DECLARATION = "<?xml version='1.0'?>"  # with it the whole of expat reads, without it a shorter way may do
ODD = [
    "]]>",
    "]",
    "<",
    "&amp;",
    "&",
    ">",
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\x0b",
    "\x1f",
    "\x7f",
    "\ufffe",
    "\uffff",
    "😀",
    " ",
]

odd = st.lists(st.sampled_from(ODD) | st.text(max_size=3)).map("".join)
content = st.text(st.sampled_from("ab 12中\n\t>'\"😀\x7f\u2028"), max_size=5) | odd
written = content | content.map(lambda text: f"<![CDATA[{text}]]>")


def elements(names: Sequence[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(names), written).map(lambda of: f"<{of[0]}>{of[1]}</{of[0]}>")


rows = st.lists(elements(["Content", "MsgId", "xml", "a"]), min_size=1, max_size=3).map("".join)
other = elements(["é", "a1", ""]) | st.sampled_from([" ", "x", "<a/>", "<a>1</b>", "<a><b>1</b></a>", "<!-- x -->"])
document = rows | st.tuples(rows, other, rows).map("".join)


def outcome(text: str) -> Mapping[str, Value] | str:
    try:
        return parse(text.encode("utf-8", "surrogatepass"), MalformedMessage)
    except MalformedMessage:
        return "malformed"


@given(document)
def test_messages_read_the_short_way_are_what_expat_makes_of_them(inside: str) -> None:
    text = f"<xml>{inside}</xml>"
    assert outcome(text) == outcome(DECLARATION + text)


@pytest.mark.parametrize(
    ("inside", "fields"),
    [
        ("<A>1</A><B><![CDATA[二]]></B>", {"A": "1", "B": "二"}),
        ("<A></A><B><![CDATA[]]></B>", {"A": "", "B": ""}),
        ("<A> 1 </A>\n<B>2</B>", {"A": " 1 ", "B": "2"}),
        ("<A><![CDATA[a]b]]></A>", {"A": "a]b"}),
        ("<A><![CDATA[1]]><![CDATA[2]]></A>", {"A": "12"}),
        ("<A>a\r\nb</A>", {"A": "a\nb"}),
        ("<A>&lt;</A>", {"A": "<"}),
        ("<A>1</A><A>2</A>", {"A": ["1", "2"]}),
        ("<A><B>1</B></A>", {"A": {"B": "1"}}),
    ],
)
def test_fields_are_read_however_they_are_written(inside: str, fields: Mapping[str, Value]) -> None:
    assert outcome(f"<xml>{inside}</xml>") == fields


@pytest.mark.parametrize(
    "inside", ["<A>1</B>", "<A>1</A>x", "x<A>1</A>", "<A>\x0b</A>", "<A>]]></A>", "<A>\uffff</A>", ""]
)
def test_what_is_not_strict_xml_is_refused(inside: str) -> None:
    assert outcome(f"<xml>{inside}</xml>") == "malformed"


def test_flat_elements_are_bounded_too() -> None:
    fields = [f"<{'a' * n}>1</{'a' * n}>" for n in range(1, MAX_ELEMENTS + 1)]
    assert len(outcome(f"<xml>{''.join(fields[1:])}</xml>")) == MAX_ELEMENTS - 1
    assert outcome(f"<xml>{''.join(fields)}</xml>") == "malformed"
