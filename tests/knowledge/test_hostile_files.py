"""Files that mean harm or are merely broken: one Chinese line each, and nothing is read of them."""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import suppress

import openpyxl
import pytest

from knowledge.pack_file import read_pack
from knowledge.readers import MAX_BYTES, ReadError, read
from knowledge.readers.sheets import read_sheets

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TEMPLATE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def word(body: str = "<w:p/>", **parts: str) -> bytes:
    document = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **parts})


def excel(**parts: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["编号"])
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as appended:
        for name, text in parts.items():
            appended.writestr(name, text)
    return written.getvalue()


def archive(parts: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return written.getvalue()


def refusal(name: str, data: bytes) -> str:
    """The one line that is said of a file."""
    with pytest.raises(ReadError) as error:
        if name.endswith((".xlsx", ".csv", ".xlsm")):
            for sheet in read_sheets(name, data):
                list(sheet.rows)
        else:
            read(name, data)
    line = str(error.value)
    assert line.startswith(f"{name}：")
    assert "\n" not in line
    return line


def entity(root: str) -> str:
    return f'<?xml version="1.0"?><!-- <a --><!DOCTYPE x [<!ENTITY a "aaaa">]>{root}'


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("空.txt", b"", "空的"),
        ("大.txt", b"a" * (MAX_BYTES + 1), "超过"),
        ("旧.doc", COMPOUND + b"x", "旧版 Word"),
        ("密.docx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("密.xlsx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("旧.xlsx", COMPOUND + b"x", "旧版 Excel"),
        ("宏.docm", word(), "宏"),
        ("宏.docx", word(**{"word/vbaProject.bin": "x"}), "宏"),
        ("宏.xlsm", excel(), "宏"),
        ("宏.xlsx", excel(**{"xl/vbaProject.bin": "x"}), "宏"),
        ("弹.docx", word("<w:p/>" * 10, **{"word/media/a.bin": "0" * 30_000_000}), "解压后大得不正常"),
        ("弹.xlsx", excel(**{"xl/media/a.bin": "0" * 30_000_000}), "解压后大得不正常"),
        ("多.docx", archive({f"{n}.bin": "" for n in range(4000)}), "解压后大得不正常"),
        ("体.docx", archive({"[Content_Types].xml": "<Types/>", "word/document.xml": entity("<x>&a;</x>")}), "XML 声明"),
        ("体.xlsx", excel(**{"xl/extra.xml": entity("<x>&a;</x>")}), "XML 声明"),
        ("外.xlsx", excel(**{"xl/externalLinks/externalLink1.xml": "<x/>"}), "外部内容"),
        ("深.docx", word("<w:p>" * 400 + "</w:p>" * 400), "结构层次"),
        ("坏.docx", b"PK\x03\x04 nothing", "打不开"),
        ("坏.xlsx", b"PK\x03\x04 nothing", "打不开"),
        ("假.xlsx", b"abc", "不是 Excel"),
        ("假.docx", b"abc", "不是 Word"),
        ("假.pdf", b"abc", "不是 PDF"),
        ("坏.pdf", b"%PDF-1.4\nnothing", "打不开"),
        ("图.txt", b"\x89PNG\r\n", "不是文字文件"),
        ("乱.txt", b"\xff\xff\xff", "编码"),
    ],
)  # fmt: skip
def test_a_file_that_is_refused_says_why_in_one_line(name: str, data: bytes, said: str) -> None:
    assert said in refusal(name, data)


def test_what_word_would_fetch_by_itself_is_refused_and_a_link_is_not() -> None:
    def related(kind: str) -> bytes:
        relation = f'<Relationship Type="{kind}" Target="https://evil.example/x" TargetMode="External" Id="r1"/>'
        relations = f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'
        return word("<w:p><w:r><w:t>一、甲。乙。</w:t></w:r></w:p>", **{"word/_rels/document.xml.rels": relations})

    assert "外部内容" in refusal("外.docx", related(TEMPLATE))
    assert read("链.docx", related("http://x/relationships/hyperlink")).lines


def test_a_damaged_workbook_never_raises_anything_else() -> None:
    whole = excel()
    chance = random.Random(7)
    for _ in range(60):
        torn = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        with suppress(ReadError):
            for sheet in read_sheets("坏.xlsx", bytes(torn)):
                list(sheet.rows)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("measures: [", (2, 1), "格式有误"),
        ("just words", (1, 1), "没有可以导入的内容"),
        ("mesures: []", (1, 1), "不认识“mesures”"),
        ("measures: 3", (1, 11), "应是一列条目"),
        ("measures:\n- just words", (2, 3), "名称: 内容"),
        ("measures:\n- {id: a/1.1, titel: x}", (2, 15), "不认识字段“titel”"),
        ("measures:\n- {id: a/1.1, title: [x]}", (2, 22), "应是一段文字"),
        ("measures:\n- {id: A 1}", (2, 8), "编号“A 1”不对"),
        ("measures:\n- {id: a/1.1, valid_to: 2024-02-30}", (2, 25), "应写成 2026-01-31"),
        ("measures:\n- {id: a/1.1, link: 'javascript:alert(1)'}", (2, 21), "http"),
        ("sectors:\n- {code: Big One, name: x}", (2, 10), "小写字母"),
        ("synonyms:\n- []", (2, 3), "缺少“同义词”"),
    ],
)
def test_a_pack_names_line_and_column_of_what_is_wrong(text: str, place: tuple[int, int], said: str) -> None:
    found = read_pack("包.yaml", text)
    (fault,) = found.faults
    assert (fault.line, fault.column) == place
    assert said in fault.message
    assert found.stated == []


def test_a_pack_that_would_grow_by_references_is_refused() -> None:
    text = "synonyms:\n- &a [x, y]\n" + "- *a\n" * 3
    faults = read_pack("弹.yaml", text).faults
    assert len(faults) == 3
    assert all("引用" in fault.message for fault in faults)


def test_a_pack_nested_without_end_is_one_fault() -> None:
    (fault,) = read_pack("深.yaml", "measures: " + "[" * 20_000).faults
    assert "格式有误" in fault.message
