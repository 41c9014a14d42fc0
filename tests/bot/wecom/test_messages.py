from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise import parse_message as wechatpy_parse
from wechatpy.enterprise.events import EVENT_TYPES

from bot.wecom.errors import MalformedEnvelope, MalformedMessage, WecomError, WrongReceiver
from bot.wecom.messages import (
    OuterMessage,
    parse_message,
    parse_request,
    render_envelope,
    render_reply,
    sender_of,
    to_incoming,
)
from bot.wecom.xml import MAX_DEPTH, MAX_ELEMENTS
from handlers.model import Incoming, Kind
from tests.bot.wecom.vectors import AGENT_ID, APP, CORP_ID, SAMPLE, SAMPLE_CORP_ID, SAMPLE_TEXT, TEXT_XML

Field: TypeAlias = str | int | None

XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
DTD = '<!DOCTYPE xml [<!ENTITY a "b">]>'


def xml(**fields: Field) -> bytes:
    """A decrypted message of Zhang San's: `fields` on top of the usual ones; None leaves one out."""
    usual: dict[str, Field] = {
        "ToUserName": CORP_ID,
        "FromUserName": "ZhangSan",
        "CreateTime": 1700000000,
        "AgentID": AGENT_ID,
    }
    shown = {name: value for name, value in (usual | fields).items() if value is not None}
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in shown.items())}</xml>".encode()


def text(**fields: Field) -> bytes:
    usual: dict[str, Field] = {"MsgType": "text", "MsgId": 7, "Content": "你好"}
    return xml(**(usual | fields))


def event(name: str, **fields: Field) -> bytes:
    usual: dict[str, Field] = {"MsgType": "event", "Event": name, "EventKey": ""}
    return xml(**(usual | fields))


def incoming(plain: bytes) -> Incoming:
    return to_incoming(parse_message(plain), CORP_ID, AGENT_ID)


def outer(inside: str) -> bytes:
    return f"<xml>{inside}</xml>".encode()


# --- the outer layer


def test_a_request_gives_ciphertext_receiver_and_app() -> None:
    body = outer("<ToUserName><![CDATA[ww1]]></ToUserName><AgentID>2</AgentID><Encrypt><![CDATA[QUJD]]></Encrypt>")
    assert parse_request(body) == OuterMessage("QUJD", "ww1", "2")


def test_a_request_may_lack_receiver_and_app() -> None:
    assert parse_request(outer("<Encrypt>QUJD</Encrypt>")) == OuterMessage("QUJD", "", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"not xml",
        b"{}",
        b"\0",
        b"<xml/>",
        b"<xml></xml>",
        b"<xml>QUJD</xml>",
        b"<xml><Encrypt>QUJD</Encrypt>",
        b"<xml><Encrypt>QUJD</Encrypt></xml><xml/>",
        b"<XML><Encrypt>QUJD</Encrypt></XML>",
        b"<other><Encrypt>QUJD</Encrypt></other>",
        outer("<ToUserName>ww1</ToUserName>"),
        outer("<Encrypt/>"),
        outer("<Encrypt>QUJD</Encrypt><Encrypt>QUJD</Encrypt>"),
        outer("<Encrypt><Encrypt>QUJD</Encrypt></Encrypt>"),
        outer("<Inner><Encrypt>QUJD</Encrypt></Inner>"),
        outer('<Encrypt kind="1">QUJD</Encrypt>'),
        outer("<Encrypt>QUJD</Encrypt><AgentID>1</AgentID><AgentID>2</AgentID>"),
        outer("words<Encrypt>QUJD</Encrypt>"),
        DTD.encode() + outer("<Encrypt>QUJD</Encrypt>"),
        DTD.encode() + outer("<Encrypt>&a;</Encrypt>"),
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd">' + outer("<Encrypt>QUJD</Encrypt>"),
        outer("<Encrypt>&a;</Encrypt>"),
        outer("<Encrypt>QUJD</Encrypt>").replace(b"QUJD", b"\xff\xfe"),
        outer("<Encrypt>QUJD</Encrypt>").decode().encode("utf-16"),
        outer("<Encrypt>QUJD</Encrypt>").decode().encode("utf-16-le"),
    ],
)
def test_a_request_that_is_not_strict_xml_with_one_ciphertext_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        parse_request(body)


def test_nesting_is_bounded() -> None:
    def nested(depth: int) -> bytes:
        return outer("<Encrypt>QUJD</Encrypt>" + "<a>" * (depth - 1) + "</a>" * (depth - 1))

    assert parse_request(nested(MAX_DEPTH)).encrypt == "QUJD"
    for depth in (MAX_DEPTH + 1, 20_000):
        with pytest.raises(MalformedEnvelope):
            parse_request(nested(depth))


def test_the_number_of_elements_is_bounded() -> None:
    def wide(count: int) -> bytes:
        return outer("<Encrypt>QUJD</Encrypt>" + "<a/>" * (count - 2))

    assert parse_request(wide(MAX_ELEMENTS)).encrypt == "QUJD"
    with pytest.raises(MalformedEnvelope):
        parse_request(wide(MAX_ELEMENTS + 1))


@pytest.mark.parametrize("encoding", ["gb2312", "utf-16", "no-such"])
def test_bytes_are_utf_8_whatever_the_declaration_says(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    assert incoming(declared + text(Content="你好")).text == "你好"


# --- messages and events


def test_the_text_of_the_known_callback_is_read() -> None:
    assert incoming(TEXT_XML) == Incoming(
        key="1000002:zhangsan:7300000000000000001",
        user="zhangsan",
        kind=Kind.TEXT,
        text="你好, pilot",
        sent_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    )


def test_the_published_sample_is_read_from_the_wire() -> None:
    message = parse_message(SAMPLE.open(SAMPLE_TEXT.encrypted))
    assert message.text("FromUserName") == "mycreate"
    read = to_incoming(message, SAMPLE_CORP_ID, 218)
    assert (read.text, read.key) == ("hello", "218:mycreate:4561255354251345929")
    assert read.sent_at == datetime.fromtimestamp(1409659813, UTC)


def test_the_user_is_lower_case_but_the_message_keeps_the_name_as_written() -> None:
    message = parse_message(text(FromUserName="ZhangSan"))
    assert message.text("FromUserName") == "ZhangSan"
    assert to_incoming(message, CORP_ID, AGENT_ID).user == "zhangsan"


@pytest.mark.parametrize("name", ["image", "voice", "video", "shortvideo", "location", "link"])
def test_media_say_which_they_are(name: str) -> None:
    read = incoming(xml(MsgType=name, MsgId=8, MediaId="m", PicUrl="u", Location_X="31.2", Title="t"))
    assert (read.kind, read.text, read.key) == (Kind.MEDIA, name, f"{AGENT_ID}:zhangsan:8")


def test_a_file_is_media_with_or_without_a_message_id() -> None:
    assert incoming(xml(MsgType="file", MsgId=9)).key == f"{AGENT_ID}:zhangsan:9"
    unnumbered = incoming(xml(MsgType="file"))
    assert (unnumbered.kind, unnumbered.text) == (Kind.MEDIA, "file")
    assert unnumbered.key.startswith("event:")


@pytest.mark.parametrize(
    ("name", "key", "kind", "said"),
    [
        ("click", "板块", Kind.MENU, "板块"),
        ("CLICK", "more", Kind.MENU, "more"),
        ("enter_agent", "", Kind.ENTER, ""),
        ("subscribe", "", Kind.JOIN, ""),
        ("unsubscribe", "", Kind.LEAVE, ""),
        ("view", "https://example.com/", Kind.OTHER, ""),
        ("view_miniprogram", "pages/index", Kind.OTHER, ""),
        ("LOCATION", "", Kind.OTHER, ""),
        ("scancode_push", "k", Kind.OTHER, ""),
        ("scancode_waitmsg", "k", Kind.OTHER, ""),
        ("pic_sysphoto", "k", Kind.OTHER, ""),
        ("pic_photo_or_album", "k", Kind.OTHER, ""),
        ("pic_weixin", "k", Kind.OTHER, ""),
        ("location_select", "k", Kind.OTHER, ""),
        ("template_card_event", "k", Kind.CLICK, "k"),
        ("template_card_menu_event", "k", Kind.OTHER, ""),
        ("batch_job_result", "", Kind.OTHER, ""),
        ("change_contact", "", Kind.OTHER, ""),
        ("open_approval_change", "", Kind.OTHER, ""),
        ("share_agent_change", "", Kind.OTHER, ""),
        ("inactive_alert", "", Kind.OTHER, ""),
        ("something_new", "", Kind.OTHER, ""),
    ],
)
def test_every_event_has_its_kind(name: str, key: str, kind: Kind, said: str) -> None:
    read = incoming(event(name, EventKey=key))
    assert (read.kind, read.text, read.user) == (kind, said, "zhangsan")


def test_a_message_type_we_do_not_know_is_taken_note_of() -> None:
    assert incoming(xml(MsgType="hologram")).kind is Kind.OTHER
    assert incoming(xml(MsgType="hologram", MsgId=10)).key == f"{AGENT_ID}:zhangsan:10"


def test_nested_and_repeated_elements_are_kept() -> None:
    options = "<OptionIds><OptionId>a</OptionId><OptionId>b</OptionId></OptionIds>"
    message = parse_message(event("template_card_event", SelectedItems=options, EffectTime=1))
    assert message.fields["SelectedItems"] == {"OptionIds": {"OptionId": ["a", "b"]}}


def test_the_same_event_has_the_same_key_and_another_in_the_same_second_has_not() -> None:
    first = incoming(event("click", EventKey="更多"))
    assert first == incoming(event("click", EventKey="更多"))
    assert first.key != incoming(event("click", EventKey="详情")).key


def test_message_ids_are_told_apart_between_people() -> None:
    assert incoming(text()).key != incoming(text(FromUserName="lisi")).key


def test_an_event_may_lack_its_app() -> None:
    assert incoming(event("enter_agent", AgentID=None)).kind is Kind.ENTER


@pytest.mark.parametrize(
    "plain",
    [text(ToUserName="ww9"), text(ToUserName=CORP_ID.upper()), text(AgentID=1), event("enter_agent", AgentID=0)],
)
def test_what_is_meant_for_another_app_is_refused(plain: bytes) -> None:
    with pytest.raises(WrongReceiver):
        incoming(plain)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"hello",
        b"<xml/>",
        b"<xml>\xff</xml>",
        b"<html><MsgType>text</MsgType></html>",
        DTD.encode() + text(),
        text(MsgType=None),
        text(MsgType=""),
        text(MsgType="text</MsgType><MsgType>text"),
        text().replace(b"<MsgType>", b'<MsgType a="b">'),
        text(ToUserName=None),
        text(FromUserName=None),
        text(FromUserName=""),
        text(FromUserName="<a>b</a>"),
        text(AgentID=""),
        text(AgentID="one"),
        text(CreateTime=None),
        text(CreateTime=""),
        text(CreateTime="yesterday"),
        text(CreateTime="-1"),
        text(CreateTime="1e9"),
        text(CreateTime="１７"),
        text(CreateTime="17000000000000"),
        text(MsgId=None),
        text(MsgId=""),
        text(MsgId="seven"),
        text(MsgId="7\n"),
        text(MsgId="9" * 5000),
        text(Content=None),
        text(Content="<b>你好</b>"),
        text(Content="你好</Content><Content>再见"),
        text(Content="\b"),
        xml(MsgType="image", MsgId="x"),
        xml(MsgType="hologram", MsgId="x"),
        xml(MsgType="event"),
        event(""),
        event("click", EventKey=None),
        event("click", CreateTime="now"),
    ],
)
def test_a_message_with_a_bad_field_is_malformed(plain: bytes) -> None:
    with pytest.raises(MalformedMessage):
        incoming(plain)


def test_an_empty_text_is_a_text() -> None:
    assert incoming(text(Content="")).text == ""


@pytest.mark.parametrize(
    "plain",
    [
        TEXT_XML,
        text(Content="a &lt;b&gt; &amp; c"),
        text(Content="<![CDATA[<a href='x'>]]>"),
        event("click", EventKey="订阅 金融"),
    ],
)
def test_wechatpy_reads_the_same(plain: bytes) -> None:
    theirs, ours = wechatpy_parse(plain), incoming(plain)
    assert theirs.source.lower() == ours.user
    assert theirs.time == ours.sent_at.timestamp()
    assert theirs.agent == AGENT_ID
    assert (theirs.content if ours.kind is Kind.TEXT else theirs.key) == ours.text


def test_the_events_that_are_answered_are_named_as_wechatpy_names_them() -> None:
    assert {"click", "enter_agent", "subscribe", "unsubscribe"} <= set(EVENT_TYPES)


@given(st.binary(max_size=300))
def test_parsing_anything_raises_only_our_errors(data: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        parse_request(data)
    with pytest.raises(MalformedMessage):
        parse_message(data)


@given(st.integers(0, len(TEXT_XML) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_a_damaged_message_is_read_or_refused_and_nothing_else(place: int, put: bytes, taken: int) -> None:
    damaged = TEXT_XML[:place] + put + TEXT_XML[place + taken :]
    with suppress(WecomError):
        assert incoming(damaged).user


# --- replies


@given(st.lists(st.sampled_from(["<FromUserName>", "<![CDATA[", "boss", "]]>", "</FromUserName>"])).map("".join))
def test_the_sender_is_found_unread_whatever_the_text_holds(said: str) -> None:
    safe = said.replace("]]>", "]]]]><![CDATA[>")
    first = f"<Content><![CDATA[{safe}]]></Content><FromUserName><![CDATA[Zhang.San-1@x]]></FromUserName>"
    assert sender_of(f"<xml><MsgType>text</MsgType>{first}</xml>".encode()) == "Zhang.San-1@x"


def test_the_sender_is_found_also_where_it_is_written_in_another_way() -> None:
    assert sender_of("<xml><FromUserName>张三</FromUserName></xml>".encode()) == "张三"
    with pytest.raises(MalformedMessage):
        sender_of(b"<xml><FromUserName></FromUserName></xml>")


def test_a_reply_is_what_the_platform_documents() -> None:
    assert render_reply("第一行\n第二行", "ZhangSan", CORP_ID, 1700000000).decode() == (
        "<xml><ToUserName><![CDATA[ZhangSan]]></ToUserName>"
        f"<FromUserName><![CDATA[{CORP_ID}]]></FromUserName><CreateTime>1700000000</CreateTime>"
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[第一行\n第二行]]></Content></xml>"
    )


def test_characters_that_xml_forbids_are_left_out_of_a_reply() -> None:
    reply = parse_message(render_reply("a\0b\x0bc\ufffed\ud800e", "u", CORP_ID, 1))
    assert reply.text("Content") == "abcde"


@given(st.lists(st.just("]]>") | XML_TEXT).map("".join))
def test_any_text_survives_a_reply(content: str) -> None:
    reply = parse_message(render_reply(content, content or "u", CORP_ID, 1))
    assert reply.text("Content") == content
    assert reply.text("ToUserName") == (content or "u")


@given(st.text())
def test_any_text_at_all_makes_a_well_formed_reply(content: str) -> None:
    assert parse_message(render_reply(content, "u", CORP_ID, 1)).type == "text"


def test_an_envelope_carries_its_four_fields() -> None:
    sealed = APP.seal(b"<xml/>", "1700000000", "n]]>", b"0123456789abcdef")
    body = render_envelope(sealed.encrypted, sealed.signature, "1700000000", "n]]>")
    assert parse_request(body).encrypt == sealed.encrypted
    assert parse_message(body).fields == {
        "Encrypt": sealed.encrypted,
        "MsgSignature": sealed.signature,
        "TimeStamp": "1700000000",
        "Nonce": "n]]>",
    }


@pytest.mark.parametrize("timestamp", ["", "now", "1</TimeStamp>", "1\n"])
def test_an_envelope_needs_a_numeric_timestamp(timestamp: str) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        render_envelope("QUJD", "0" * 40, timestamp, "n")
