"""Tables that list tasks: which column says what is done, by whom and until when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge.paragraphs import Paragraph
from knowledge.sentences import has_words


@dataclass(frozen=True, slots=True)
class Task:
    """One row."""

    text: str
    line: int
    group: str = ""  # the field that the row belongs to: '金融服务'
    responsible: str = ""
    due: str = ""  # as printed: '2025年底前'
    number: str = ""  # as printed: '3'


# Names of columns, told by what they contain; the first that fits counts.
_COLUMNS = (
    ("number", re.compile(r"序号|编号|^号$|^No\.?$", re.IGNORECASE)),
    ("responsible", re.compile(r"单位|部门|责任|分工")),
    ("due", re.compile(r"时限|时间|期限|进度|节点|日期")),
    ("group", re.compile(r"领域|类别|板块|分类|方面|行业")),
    ("text", re.compile(r"任务|举措|措施|内容|事项|工作|目标|要求|项目|清单")),
)


def tasks(rows: Iterable[Paragraph]) -> Iterator[Task]:
    """The rows under a header that names a column of tasks, in order; a cell left empty is that of the row above
    where it names the field (a merged cell). Rows without such a header are passed over.
    """
    header: dict[int, str] = {}
    group = ""
    for row in rows:
        named = _header(row.cells)
        if named:
            header, group = named, ""
        elif header and row.cells:
            of_row = _by_name(row.cells, header)
            group = of_row.get("group") or group
            text = of_row.get("text", "")
            if has_words(text):
                yield Task(
                    text,
                    row.line,
                    group,
                    of_row.get("responsible", ""),
                    of_row.get("due", ""),
                    of_row.get("number", ""),
                )


def _header(cells: tuple[str, ...]) -> dict[int, str]:
    """Column -> what it holds; empty for a row that is no header."""
    if not cells or any(len(cell) > 12 for cell in cells):
        return {}
    found = {}
    for place, cell in enumerate(cells):
        name = next((name for name, pattern in _COLUMNS if pattern.search(cell)), None)
        if name:
            found[place] = name
    return found if "text" in found.values() and len(found) > 1 else {}


def _by_name(cells: tuple[str, ...], header: Mapping[int, str]) -> dict[str, str]:
    """What a row says under each name; columns of the same name are read one after the other."""
    found: dict[str, str] = {}
    for place, cell in enumerate(cells):
        if (name := header.get(place)) and cell:
            found[name] = f"{found[name]}：{cell}" if name in found else cell
    return found
