"""Measures as a file for officials: a Word document to read, or a table. Pure; nothing in it can become a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from knowledge.model import Document, Measure, Sector
from knowledge.workbook import table

# Characters that XML 1.0 cannot hold: https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of the archive's files, so that the same content makes the same bytes

HEAD = ("编号", "文件", "条款", "板块", "标题", "摘要", "官方原文", "网页")
WIDE = ("id", "document", "clause", "sectors", "title", "summary", "text", "link")

_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" \
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" \
Target="word/document.xml"/></Relationships>"""
_BODY = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>"""


@dataclass(frozen=True, slots=True)
class Handout:
    """What a file holds."""

    title: str
    measures: Sequence[Measure]
    documents: Mapping[str, Document]  # by slug
    sectors: Mapping[str, Sector]  # by code
    address: str  # what the address of a measure's page starts with
    cited: Callable[[Measure], str]  # its citation, in words for people
    notes: Sequence[str] = ()  # caveats, shown at the top

    def link(self, measure: Measure) -> str:
        """The address of a measure's page."""
        return f"{self.address}/measures/{measure.id}"

    def source(self, measure: Measure) -> str:
        """The number of the document that a measure stands in, or its title; nothing of one that is not there."""
        document = self.documents.get(measure.document)
        return (document.number or document.title) if document else ""

    def names(self, measure: Measure) -> str:
        """Its sectors."""
        return "、".join(self.sectors[code].name for code in measure.sectors if code in self.sectors)


def as_workbook(handout: Handout) -> bytes:
    """An .xlsx with a row for each measure.

    :raises DoesNotFit: a text is longer than a cell can hold.
    """
    rows = [
        (m.id, handout.source(m), m.clause, handout.names(m), m.title, m.summary, m.text or "", handout.link(m))
        for m in handout.measures
    ]
    return table(handout.title, HEAD, rows, WIDE)


def as_word(handout: Handout) -> bytes:
    """A .docx with a section for each measure."""
    written = io.BytesIO()
    body = "".join(_paragraph(text, **style) for text, style in _paragraphs(handout))
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": _BODY.format(body)}
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _paragraphs(handout: Handout) -> Iterator[tuple[str, dict[str, int]]]:
    """Text and its look: size in half points, and whether it is bold."""
    yield handout.title, {"size": 36, "bold": 1}
    for note in handout.notes:
        yield note, {"size": 20}
    for measure in handout.measures:
        yield measure.title, {"size": 26, "bold": 1}
        yield f"{handout.source(measure)} {handout.cited(measure)}　{handout.names(measure)}", {"size": 20}
        yield measure.summary, {"size": 22}
        for line in (measure.text or "").splitlines():
            if line.strip():
                yield f"原文：{line.strip()}", {"size": 22}
        yield handout.link(measure), {"size": 18}


def _paragraph(text: str, size: int, bold: int = 0) -> str:
    look = f'{"<w:b/>" if bold else ""}<w:sz w:val="{size}"/>'
    space = f'<w:pPr><w:spacing w:before="{240 if bold else 0}" w:after="80"/></w:pPr>'
    clean = escape(_NOT_XML.sub("", text))
    return f'<w:p>{space}<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{clean}</w:t></w:r></w:p>'
