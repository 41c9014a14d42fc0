"""A title for a measure that nobody has curated yet: a stretch of its wording. Pure."""

from __future__ import annotations

import re
from itertools import takewhile

from knowledge.model import GOOD_TITLE
from knowledge.sentences import PAIRS, has_words

_PAUSE = re.compile(r"[，。；：]|(?<!\d)[,;:]|[,;:](?!\d)")
_LEAST = 4  # the part of a limit, as its divisor, that a title keeps rather than stop before a long quotation

# What is done, in the language of official measures; words that name things as often (服务, 管理, 检验) are no sign.
_DOES = (
    "支持|鼓励|引导|推动|推进|推广|推行|促进|加快|加强|加大|强化|完善|优化|健全|深化|提升|提高|降低|放宽|扩大|缩短|简化|压缩"
    "|探索|试行|实行|实施|开展|开放|开办|开通|开行|开设|建立|建设|建成|设立|设置|组建|成立|打造|构建|创建|搭建|制定|编制|发布|公布|公告"
    "|引进|引入|吸引|培育|培养|发展|举办|承办|申办|组织|允许|准许|取消|免除|免交|免征|免收|免于|减免|减收|给予|予以|提供|发放"
    "|采用|采取|使用|享受|享有|适用|执行|办理|申请|申领|参与|参加|纳入|列入|委托|承担|负责|配备|安装|落实|统筹|利用|运用|替代|改建|改造"
    "|不得|不再|不受|禁止|限制|责令|应当|必须|可以|无需|无须|需要|有权|优先|遵循|核验|保障|确保|实现|达到|突破|增加|减少|新增"
)
_SAYS = re.compile(rf"{_DOES}|奖励|补助|(?<![认许])可|应|须")
_PREDICATE = re.compile(rf"(?:{_DOES}|可|应|须|由|按|凭|均|一律|方可|是指|在|自|向|从|经|[^，]{{0,4}}后可)")

# Leading parts that say when, why or on what ground, but not of whom.
_FRAME = re.compile(
    r"(?:力争)?(?:到|至|截至|自)?20\d\d年[^，]{0,8}|为(?:了|进一步|全面|深入|更好|贯彻|落实|促进|推动|推进|加快|规范|加强|提升|维护|保障)[^，]*"
    r"|(?:(?:在|当|于|待|经)[^，]*)?(?:基础上|前提下|情况下|条件下|框架下|过程中|期间|时|以前|之后|以后|之日起)"
)
_GROUND = re.compile(r"(?:根据|按照|依照|依据|依法|围绕|结合|依托|通过|参照|经)(?P<rest>.+)")
# Leading parts that say of whom or in which case; '为人才提供公寓' says what is done.
_CASE = re.compile(
    r"(?:对(?![接外标口])|对于|针对|违反|首次|凡|除|为(?!.*(?:提供|设立|开辟|配备|发放|办理|给予))|在)(?P<rest>.+)"
)
# What is given or forbidden says little without whom it concerns.
_OF_SOMEBODY = re.compile(r"(?:再|也|还|均|可|分别|一次性|最高)*(?:给予|予以|不得|享受|享有|奖励|补助|免于|按)")

_BREAK = re.compile(
    rf"[、，；：]|(?<!总)和|(?<!参)与|(?<![以涉普])及|或者?|(?<![合兼一])并|{_DOES}|(?<=等)(?![级同于待候])"
)
_DANGLING = re.compile(r"(?:可以|应当|[，。；：、,;:和与及或并由按为对在将向把从]|(?<![认许])可)+$")


def title_of(wording: str) -> str:
    """The first clause that says what is done; with the case that it holds in where both fit or it says little alone."""
    spans = _clauses(wording)
    parts = [wording[start:end] for start, end in spans]
    said = sum(1 for _ in takewhile(_leads, parts[:-1]))
    cases = sum(1 for _ in takewhile(lambda part: not _is_frame(part), reversed(parts[:said])))
    end = _end(wording, spans, said)
    begins = [spans[place][0] for place in range(said - cases, said + 1)]
    alone = -1 if cases and _OF_SOMEBODY.match(wording, begins[-1]) else None  # which begins the clause itself
    enough = [start for start in begins[:alone] if GOOD_TITLE // 3 <= end - start <= GOOD_TITLE]
    return shorten(wording[(enough or begins[-2:])[0] : end], GOOD_TITLE)


def shorten(text: str, limit: int) -> str:
    """The text where it fits, else its beginning up to a break between words, with an ellipsis.

    Never inside brackets or quotation marks; of a text that starts with a long quotation, the beginning of that.
    """
    closed = _closed(text)
    if len(text) <= limit and closed[-1] == len(text):
        return text
    ends = [at for at in closed if 0 < at < limit]
    last = ends[-1] if ends else 0
    if last < limit // _LEAST and has_words(text[last + 1 :]):
        return shorten(text[last + 1 :], limit)
    between = [at for at in ends if 2 * at >= limit and _BREAK.match(text, at)]
    kept = text[: between[-1] if between else last]
    return f"{_DANGLING.sub('', kept) or kept}…"


def _clauses(wording: str) -> list[tuple[int, int]]:
    """The stretches between pauses, those in brackets and quotation marks left out."""
    closed = set(_closed(wording))
    spans, start = [], 0
    for pause in _PAUSE.finditer(wording):
        if pause.end() in closed and pause.start() in closed:
            spans.append((start, pause.start()))
            start = pause.end()
    spans.append((start, len(wording)))
    return [span for span in spans if has_words(wording[slice(*span)])] or [(0, len(wording))]


def _end(wording: str, spans: list[tuple[int, int]], said: int) -> int:
    """Where the clause ends; with the next one where it only names what that one is about."""
    start, end = spans[said]
    if said + 1 == len(spans) or wording[end] not in "，," or _SAYS.search(wording, start, end):
        return end
    following = spans[said + 1]
    fits = following[1] - start <= GOOD_TITLE
    return following[1] if fits or _PREDICATE.match(wording, *following) else end


def _leads(part: str) -> bool:
    """Whether a clause only leads up to the one that says what is done."""
    return part.endswith(("的", "后", "前")) or _is_frame(part) or _names_only(_CASE, part)


def _is_frame(part: str) -> bool:
    return _FRAME.fullmatch(part) is not None or _names_only(_GROUND, part)


def _names_only(lead: re.Pattern[str], part: str) -> bool:
    """Whether nothing is done behind the preposition, other than what describes a thing: '对在境外举办演出的院团'."""
    found = lead.fullmatch(part)
    return found is not None and not _SAYS.search(found["rest"].rpartition("的")[2])


def _closed(text: str) -> list[int]:
    """The offsets at which no bracket or quotation mark is open, in order; the first is 0."""
    opened: list[str] = []
    offsets = [0]
    for at, mark in enumerate(text, start=1):
        if mark in PAIRS.values():
            opened.append(mark)
        elif PAIRS.get(mark) in opened:
            while opened.pop() != PAIRS[mark]:
                pass
        if not opened:
            offsets.append(at)
    return offsets
