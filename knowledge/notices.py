"""Lines of a copy that are not of the document: page numbers, contents lists, buttons of a page, advertisements."""

from __future__ import annotations

import re

from knowledge import markers
from knowledge.readers import Line

MAX_CHARS = 120  # longer lines are never taken for notices

_URL = r"(?:https?://|www\.)[\w\-.~:/?#\[\]@!$&'()*+,;=%]+"
_DASH = r"[-—–－·•\s]*"
_PAGE = re.compile(
    rf"{_DASH}(?:第\s?\d{{1,4}}\s?页|Page\s?\d{{1,4}}|\d{{1,4}}\s?[/／]\s?\d{{1,4}}(?:\s?页)?)"
    rf"(?:\s?[/／,，]?\s?(?:共|of)\s?\d{{1,4}}\s?页?)?{_DASH}$"
    r"|[-—–－·•]+\s?\d{1,4}\s?[-—–－·•]+$",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\d{1,3}$")
_CONTENTS = re.compile(r".{2,60}?(?:[.．·…]{3,}|\t)\s*\d{1,3}$")
_BUTTON = r"(?:打印(?:本页)?|关闭(?:本?窗口|本页)?|分享到?[:：]?|收藏(?:本页)?|返回(?:顶部|首页|列表)|上一篇|下一篇)"
_NOTICE = re.compile(
    rf".{{0,12}}{_URL}$"
    r"|(?:预览|试读|试看)(?:已|到此)?结束"
    rf"|[【\[]?{_BUTTON}[】\]]?(?:[\s|｜/]*[【\[]?{_BUTTON}[】\]]?)*$"
    r"|字(?:体|号)[:：].{0,20}$"
    # An announcement stops without a full stop; a sentence of the document does not.
    r"|(?!.*[。；;]$)(?:"
    r"剩余\s?\d+\s?(?:页|%)"
    r"|(?:请)?(?:长按|扫|微信扫).{0,12}(?:二维码|扫码|关注|下载|查看|阅读|打开当前页).{0,20}$"
    r"|(?:点击|请).{0,8}(?:下载|查看|阅读|获取|浏览).{0,8}(?:全文|原文|附件|完整版?|PDF).{0,12}$"
    r"|(?:下载|查看|获取)(?:全文|完整版?|完整报告|PDF)"
    r"|(?:关注|搜索).{0,16}公众号)",
    re.IGNORECASE,
)


class Notices:
    """Tells the lines of one document apart, which must come in their order."""

    def __init__(self) -> None:
        self._page = 0  # the last page number that stood alone on a line

    def has(self, line: Line) -> bool:
        """Whether the line is no part of the document."""
        text = line.text.strip()
        if len(text) > MAX_CHARS:
            return False
        if line.cells:
            return _is_contents_row(line.cells)
        return bool(_PAGE.match(text) or _CONTENTS.match(text) or _NOTICE.match(text)) or self._is_next_page(text)

    def _is_next_page(self, text: str) -> bool:
        """A bare number counts as a page number only in its turn: it may as well be a torn-off part of a sentence."""
        if not _BARE_NUMBER.match(text):
            return False
        number = int(text)
        if number not in (self._page + 1, self._page + 2):
            return False
        self._page = number
        return True


def _is_contents_row(cells: tuple[str, ...]) -> bool:
    return len(cells) == 2 and cells[1].isdecimal() and len(cells[1]) < 4 and markers.read(cells[0]) is not None
