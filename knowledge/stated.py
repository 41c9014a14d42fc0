"""What files say of entries of the knowledge: which fields there are, what may stand in them, and what is wrong.

Pure. A file states some fields of an entry; those that it does not mention keep what is known (knowledge.import_plan).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Any, Union

from knowledge import import_texts as texts
from knowledge.codec import from_json, to_json
from knowledge.model import MAX_SUMMARY, MAX_TITLE, MilestoneFact, Status

MAX_TEXT = 20_000  # characters of any other text
MAX_LIST = 1000  # entries of a list

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
MEASURE_ID = re.compile(r"([a-z0-9][a-z0-9-]{0,63})/(\d{1,4})\.(\d{1,5})")
_CLAUSE = re.compile(r"第(\d+)条第(\d+)项|总体内容")
_ODD_DATE = re.compile(r"(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_STATUSES = {
    **dict.fromkeys(("active", "有效", "在用", "现行"), Status.ACTIVE.value),
    **dict.fromkeys(("retired", "停用", "失效", "废止", "已停用"), Status.RETIRED.value),
}


class Shape(Enum):
    """What a field holds."""

    TEXT = auto()
    LINK = auto()
    TEXTS = auto()
    DATE = auto()
    NUMBER = auto()
    STATUS = auto()
    NUMBERS = auto()
    DATES = auto()
    MILESTONES = auto()  # what is stated of single milestones, as knowledge.model.MilestoneFact
    HEADINGS = auto()  # number of a clause -> heading
    DERIVED = auto()  # follows from the id; read only to be checked against it


@dataclass(frozen=True, slots=True)
class FieldOf:
    """One field: its name for people, what it holds, other names that files use for it."""

    name: str
    shape: Shape = Shape.TEXT
    other_names: tuple[str, ...] = ()
    limit: int = MAX_TEXT  # characters


@dataclass(frozen=True, slots=True)
class Sort:
    """One kind of entry as files state it."""

    section: str  # of a pack: 'measures'
    name: str  # for people, and of the sheet: '措施'
    key: str  # the field that identifies it
    required: tuple[str, ...]  # of an entry that is new
    fields: Mapping[str, FieldOf]


SORTS: Mapping[str, Sort] = {
    "document": Sort(
        "documents",
        "文件",
        "slug",
        ("slug", "title"),
        {
            "slug": FieldOf("文件代号", other_names=("代号",)),
            "title": FieldOf("文件名称", other_names=("名称", "标题"), limit=200),
            "number": FieldOf("文号", other_names=("发文字号",)),
            "issuer": FieldOf("发布机关", other_names=("发文机关",)),
            "issued": FieldOf("发文日期", Shape.DATE, ("发布日期",)),
            "source_url": FieldOf("网址", Shape.LINK, ("来源",)),
            "short_names": FieldOf("简称", Shape.TEXTS),
            "items": FieldOf("各条标题", Shape.HEADINGS),
            "missing": FieldOf("缺失说明"),
        },
    ),
    "sector": Sort(
        "sectors",
        "板块",
        "code",
        ("code", "name"),
        {
            "code": FieldOf("板块代码", other_names=("代码",)),
            "name": FieldOf("板块名称", other_names=("名称",), limit=20),
            "aliases": FieldOf("别名", Shape.TEXTS, ("其他叫法",)),
        },
    ),
    "measure": Sort(
        "measures",
        "措施",
        "id",
        ("id", "title", "summary"),
        {
            "id": FieldOf("编号", other_names=("措施编号",)),
            "document": FieldOf("文件", Shape.DERIVED, ("所属文件",)),
            "clause": FieldOf("条款", Shape.DERIVED),
            "sectors": FieldOf("板块", Shape.TEXTS, ("sector", "所属板块")),
            "title": FieldOf("标题", limit=MAX_TITLE),
            "summary": FieldOf("摘要", limit=MAX_SUMMARY),
            "keywords": FieldOf("关键词", Shape.TEXTS, ("关键字",)),
            "aliases": FieldOf("别名", Shape.TEXTS),
            "asked_as": FieldOf("常见问法", Shape.TEXTS, ("phrases", "问法")),
            "text": FieldOf("官方原文", other_names=("official_wording", "wording", "official_text", "原文")),
            "number": FieldOf("原文编号", other_names=("原文序号",)),
            "link": FieldOf("链接", Shape.LINK),
            "note": FieldOf("备注", other_names=("说明",)),
            "also_in": FieldOf("相同措施", Shape.TEXTS),
            "not_asked_as": FieldOf("无关问法", Shape.TEXTS),
            "status": FieldOf("状态", Shape.STATUS),
            "replaced_by": FieldOf("替代措施", other_names=("由谁替代",)),
            "valid_from": FieldOf("生效日期", Shape.DATE),
            "valid_to": FieldOf("失效日期", Shape.DATE),
        },
    ),
    "synonym": Sort("synonyms", "同义词", "words", ("words",), {"words": FieldOf("同义词", Shape.TEXTS, ("词语",))}),
    "out_of_scope": Sort(
        "out_of_scope",
        "不在范围",
        "topic",
        ("topic", "kind", "phrases"),
        {
            "topic": FieldOf("话题"),
            "kind": FieldOf("类型"),
            "phrases": FieldOf("问法", Shape.TEXTS),
        },
    ),
    "pilot": Sort(
        "pilots",
        "试点",
        "document",
        ("document", "name", "start"),
        {
            "document": FieldOf("文件代号", other_names=("文件",)),
            "name": FieldOf("试点名称", other_names=("名称",)),
            "start": FieldOf("起始日", Shape.DATE, ("开始日期",)),
            "start_basis": FieldOf("起始依据"),
            "months": FieldOf("月数", Shape.NUMBER, ("期限（月）",)),
            "leads": FieldOf("提前天数", Shape.NUMBERS),
            "milestones": FieldOf("里程碑", Shape.MILESTONES),
        },
    ),
    "calendar": Sort(  # in packs it is written as in a calendar file, see scheduler.calendar_file
        "workdays",
        "工作日",
        "year",
        ("year", "holidays"),
        {
            "year": FieldOf("年份", Shape.NUMBER),
            "holidays": FieldOf("放假", Shape.DATES),
            "worked": FieldOf("上班", Shape.DATES),
        },
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with a file, and what to do."""

    file: str
    line: int | None  # or row, from 1
    column: int | None  # from 1
    message: str
    sheet: str = ""  # of a workbook

    def __str__(self) -> str:
        return texts.located(self.file, self.line, self.column, self.told)

    @property
    def told(self) -> str:
        """The message, with the sheet where it stands in one."""
        return texts.ON_SHEET.format(sheet=self.sheet, message=self.message) if self.sheet else self.message


@dataclass(frozen=True, slots=True)
class Stated:
    """One entry as a file states it."""

    kind: str
    key: str
    fields: Mapping[str, Any]  # JSON of the fields that the file mentions
    file: str
    line: int
    columns: Mapping[str, int] = field(default_factory=dict)  # field -> where it stands
    sheet: str = ""

    def fault(self, message: str, field: str | None = None) -> Fault:
        """A fault of this entry, in the column of the field where it has one."""
        return Fault(self.file, self.line, self.columns.get(field or ""), message, self.sheet)


class BadValue(ValueError):  # noqa: N818 - says what is wrong
    """What stands in a field cannot be; the text is for people."""


Raw = Union[str, Sequence["Raw"], Mapping[str, "Raw"], None]  # noqa: UP007 - it names itself


def value_of(raw: Raw, field: FieldOf) -> Any:
    """The JSON of what stands in a field.

    :raises BadValue: it cannot stand there.
    """
    if field.shape in _READERS:
        return _READERS[field.shape](raw, field)
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise BadValue(texts.NOT_ONE_TEXT.format(name=field.name))
    return _scalar(_printable(raw.strip(), field), field)


def _scalar(text: str, field: FieldOf) -> Any:
    if field.shape is Shape.DATE:
        return _date(text, field)
    if field.shape is Shape.NUMBER:
        if not re.fullmatch(r"\d{1,4}", text):
            raise BadValue(texts.NOT_NUMBER.format(name=field.name, value=text))
        return int(text)
    if field.shape is Shape.STATUS:
        if text.casefold() not in _STATUSES:
            raise BadValue(texts.NOT_STATUS.format(value=text))
        return _STATUSES[text.casefold()]
    if field.shape is Shape.LINK and not re.match(r"https?://[^\s/]", text):
        raise BadValue(texts.NOT_LINK.format(name=field.name, value=text))
    return text


def _printable(text: str, field: FieldOf) -> str:
    if len(text) > field.limit:
        raise BadValue(texts.TOO_LONG.format(name=field.name, length=len(text), limit=field.limit))
    if (
        any(c < " " and c not in "\n\t\r" for c in text)
        or "\ufffd" in text
        or any("\ud800" <= c <= "\udfff" for c in text)
    ):
        raise BadValue(texts.CONTROL_CHARACTERS.format(name=field.name))
    return text


def _texts(raw: Raw, field: FieldOf) -> list[str]:
    cleaned = (" ".join(_printable(text, field).split()) for text in _listed(raw, field))
    found = list(dict.fromkeys(text for text in cleaned if text))
    if len(found) > MAX_LIST:
        raise BadValue(texts.TOO_MANY.format(name=field.name, number=len(found), limit=MAX_LIST))
    return found


def _listed(raw: Raw, field: FieldOf) -> list[str]:
    """The texts of a list; one text alone is a list of one."""
    items = [raw] if isinstance(raw, str) else raw or ()
    found = [item for item in items if isinstance(item, str)]
    if isinstance(raw, Mapping) or len(found) < sum(item is not None for item in items):
        raise BadValue(texts.NOT_A_LIST.format(name=field.name))
    return found


def _numbers(raw: Raw, field: FieldOf) -> list[int] | None:
    if not raw:
        return None if raw is None or raw == "" else []
    words = [word for text in _listed(raw, field) for word in re.split(r"[,，、\s]+", text) if word]
    return [int(_scalar(word, FieldOf(field.name, Shape.NUMBER))) for word in words]


def _dates(raw: Raw, field: FieldOf) -> list[str]:
    words = (word for text in _listed(raw, field) for word in re.split(r"[,，、；;\s]+", text) if word)
    return sorted({_date(word, field) for word in words})


def _milestones(raw: Raw, field: FieldOf) -> list[Any]:
    """From a list of objects, or from the same as JSON in one cell."""
    try:
        given: Any = json.loads(raw) if isinstance(raw, str) and raw else raw or []
        facts = [from_json(MilestoneFact, _typed(item)) for item in given]
    except (ValueError, TypeError, AttributeError):
        raise BadValue(texts.NOT_MILESTONES.format(name=field.name)) from None
    return [to_json(fact) for fact in facts]


def _typed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """YAML's texts as the booleans and numbers that they stand for."""
    typed = dict(raw)
    if typed.get("removed") is not None:
        typed["removed"] = str(typed["removed"]).casefold() in ("true", "yes", "是")
    if typed.get("leads") is not None:
        typed["leads"] = [int(lead) for lead in typed["leads"]]
    return typed


def _headings(raw: Raw, field: FieldOf) -> dict[str, str]:
    """From a mapping, or from lines '1：充分竞争性服务业'."""
    if isinstance(raw, Mapping):
        pairs = [(key.strip(), text.strip() if isinstance(text, str) else "") for key, text in raw.items()]
    else:
        lines = (re.split("[:：]", f"{line}：", maxsplit=1) for line in _listed(raw, field) if line.strip())
        pairs = [(number.strip(), text.removesuffix("：").strip()) for number, text in lines]
    for number, text in pairs:
        if not re.fullmatch(r"\d{1,4}", number) or not text:
            raise BadValue(texts.NOT_HEADING.format(name=field.name, value=f"{number}：{text}"))
    return {str(int(number)): _printable(text, field) for number, text in pairs}


_READERS: Mapping[Shape, Callable[[Raw, FieldOf], Any]] = {
    Shape.TEXTS: _texts,
    Shape.NUMBERS: _numbers,
    Shape.DATES: _dates,
    Shape.MILESTONES: _milestones,
    Shape.HEADINGS: _headings,
}


def _date(text: str, field: FieldOf) -> str:
    found = _ODD_DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())).isoformat() if found else date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadValue(texts.NOT_DATE.format(name=field.name, value=text)) from None


def derived_from(measure_id: str) -> dict[str, Any]:
    """Document, item and ordinal of a measure's id.

    :raises BadValue: it is no id of a measure.
    """
    found = MEASURE_ID.fullmatch(measure_id)
    if not found or int(found[3]) < 1:
        raise BadValue(texts.BAD_ID.format(value=measure_id))
    return {"document": found[1], "item": int(found[2]), "ordinal": int(found[3])}


def check_derived(measure_id: str, field: str, stated: str) -> None:
    """:raises BadValue: document or clause are not those of the id."""
    of_id = derived_from(measure_id)
    clause = _CLAUSE.fullmatch(stated.replace(" ", ""))
    if field == "clause" and clause:
        agrees = (
            (int(clause[1]), int(clause[2])) == (of_id["item"], of_id["ordinal"]) if clause[1] else not of_id["item"]
        )
    else:
        agrees = field == "document" and stated == of_id["document"]
    if not agrees:
        raise BadValue(texts.NOT_OF_ID.format(name=SORTS["measure"].fields[field].name, value=stated, id=measure_id))


def read_entry(
    kind: str, raw: Mapping[str, Raw], file: str, line: int, columns: Mapping[str, int], sheet: str = ""
) -> tuple[Stated | None, list[Fault]]:
    """One entry from the raw fields that a file mentions, and everything that is wrong with it; None where it is."""
    sort = SORTS[kind]
    place = Stated(kind, "", {}, file, line, columns, sheet)
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for name, value in raw.items():
        try:
            found[name] = value_of(value, sort.fields[name])
        except BadValue as error:
            faults.append(place.fault(str(error), name))
    key = found.get(sort.key)
    key = key[0] if isinstance(key, list) and key else key
    if not key:
        if not any(fault.column == columns.get(sort.key) for fault in faults) or sort.key not in columns:
            faults.append(place.fault(texts.NO_KEY.format(name=sort.fields[sort.key].name), sort.key))
        return None, faults
    faults += [place.fault(str(error), name) for name, error in _bad_names(kind, str(key), found)]
    if faults:
        return None, faults
    if kind == "measure":
        found = {name: value for name, value in found.items() if sort.fields[name].shape is not Shape.DERIVED}
        found |= derived_from(str(key))
    return Stated(kind, str(key), found, file, line, columns, sheet), []


def _bad_names(kind: str, key: str, found: Mapping[str, Any]) -> list[tuple[str, BadValue]]:
    """The fields that name something in a way that cannot be."""
    bad: list[tuple[str, BadValue]] = []
    if kind in ("document", "sector", "pilot") and not SLUG.fullmatch(key):
        bad.append(
            (SORTS[kind].key, BadValue(texts.BAD_SLUG.format(name=SORTS[kind].fields[SORTS[kind].key].name, value=key)))
        )
    if kind == "measure":
        try:
            derived_from(key)
            for name in ("document", "clause"):
                if found.get(name):
                    try:
                        check_derived(key, name, str(found[name]))
                    except BadValue as error:
                        bad.append((name, error))
        except BadValue as error:
            bad.append(("id", error))
    return bad
