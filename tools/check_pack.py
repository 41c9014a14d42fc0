"""`python -m tools.check_pack`: is the shipped knowledge written by the rules of docs/knowledge.md, and is it faithful?

With `--reference FILE` (one JSON object a line: `id`, `sector`, `text`, the clause) each summary is compared with its
clause too: what it must keep, and that it is in our own words. Prints one line for each problem; exit status 1 if any.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.model import GOOD_TITLE, MAX_SUMMARY, Measure, Pack
from knowledge.normalise import fold, plain
from knowledge.pack import shipped

PHRASES = 15  # of a measure
OVERVIEW_PHRASES = 5
SHORTEST_SENTENCE = 10  # letters; a shorter one has hardly any other words

# A title names the subject. These are the verbs that the documents begin with.
VERBS = tuple(
    "支持 推动 推进 鼓励 允许 探索 加快 加强 深化 完善 促进 开展 建立 健全 优化 扩大 进一步 积极 试行 争取".split()
)

PLACES = (
    "浦东国际机场 浦东 虹桥商务区 虹桥 浦东软件园 洋山港 海南 台湾 港澳 内地 香港 澳门 长江经济带 陆家嘴金融城 张江科学城 杨浦滨江 "
    "北外滩 外滩金融集聚带 徐汇滨江 亚太 一带一路 临港新片区 自由贸易试验区 综合保税区 海关特殊监管区域 保税监管场所 上海"
).split()

# How binding a clause is, and under which condition it holds: each group's words may stand for one another.
BINDING: tuple[tuple[str, ...], ...] = (
    *(
        (word,)
        for word in (
            "探索 争取 允许 鼓励 试行 先行先试 试点 符合条件 依法 备案 逐步 优先 对等 前提 等值 独资 控股 合资 参股 含分行 "
            "可视同 真实合法 按程序 永久居留 合法工作 独立 自主 常态化"
        ).split()
    ),
    ("按规定", "按照规定", "按照有关规定", "依规"),
)

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[A-Z]|个工作日|万美元|年|%)?")
_EXCEPTIONS = tuple(
    map(
        re.compile,
        (
            r"（(?:涉及|有)?([^（）]*?)的?除外）",
            r"（不含([^（）]*)）",
            r"除(?:涉及)?([^（），。]+?)外，",
            r"冠名((?:“[^”]*”)+)等字样以外",
        ),
    )
)
_SAYS_EXCEPT = re.compile("除外|以外|不含|除.*外")
_LETTERS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of the reference."""

    id: str
    sector: str
    text: str


def read_reference(path: Path) -> dict[str, Clause]:
    """The clauses by id.

    :raises ValueError, KeyError: not the format above.
    """
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return {row["id"]: Clause(row["id"], row["sector"], row["text"]) for row in rows}


def problems(pack: Pack, reference: Mapping[str, Clause] | None = None) -> list[str]:
    """One line for each thing that is wrong, beginning with the measure's id."""
    found = [f"{m.id}: {what}" for m in pack.measures for what in _by_itself(m, pack)]
    found += _shared_phrases(pack.measures)
    return found + (_against(pack, reference) if reference is not None else [])


def _by_itself(measure: Measure, pack: Pack) -> Iterator[str]:
    if not 0 < len(measure.title) <= GOOD_TITLE:
        yield f"title of {len(measure.title)} characters"
    if measure.title.startswith(VERBS):
        yield f"title begins with a verb: {measure.title}"
    if not 0 < len(measure.summary) <= MAX_SUMMARY:
        yield f"summary of {len(measure.summary)} characters"
    wanted = OVERVIEW_PHRASES if measure.is_overview else PHRASES
    if len(set(map(fold, measure.asked_as))) < wanted:
        yield f"{len(set(map(fold, measure.asked_as)))} phrases, {wanted} are wanted"
    if not measure.keywords or not measure.aliases:
        yield "no keywords or no aliases"
    known = {sector.code for sector in pack.sectors}
    if unknown := set(measure.sectors) - known:
        yield f"unknown sectors {sorted(unknown)}"
    if measure.is_overview == bool(measure.sectors):
        yield "a measure needs a sector, an overview entry has none"
    yield from _pairs(measure, {m.id: m for m in pack.measures})


def _pairs(measure: Measure, measures: Mapping[str, Measure]) -> Iterator[str]:
    """`also_in` goes both ways, to another document."""
    for other in measure.also_in:
        if other not in measures:
            yield f"also in {other}, which is not there"
        elif measure.id not in measures[other].also_in or measures[other].document == measure.document:
            yield f"also in {other}, which does not say so or is of the same document"


def _shared_phrases(measures: Iterable[Measure]) -> list[str]:
    """A phrase leads to one measure. Documents that repeat a measure may repeat its phrases."""
    owners: dict[str, dict[str, Measure]] = defaultdict(dict)
    for measure in measures:
        for phrase in measure.asked_as:
            owners[plain(fold(phrase))][measure.id] = measure
    return [
        f"{first.id}: phrase also at {second.id}: {phrase}"
        for phrase, (first, *others) in ((phrase, owned.values()) for phrase, owned in owners.items())
        for second in others
        if second.id not in first.also_in
    ]


def _against(pack: Pack, reference: Mapping[str, Clause]) -> list[str]:
    measures = {m.id: m for m in pack.measures if not m.is_overview}
    found = [f"{missing}: not in the pack" for missing in reference.keys() - measures.keys()]
    found += [f"{extra}: not in the reference" for extra in measures.keys() - reference.keys()]
    official = {_letters(sentence) for clause in reference.values() for sentence in re.split("[。；;]", clause.text)}
    sentences = {sentence for sentence in official if len(sentence) >= SHORTEST_SENTENCE}
    for measure in pack.measures:
        copied = [s for s in sentences if s in _letters(measure.summary)]
        found += [f"{measure.id}: copies a sentence of the official text: {s}" for s in copied]
        if measure.id in reference:
            found += [f"{measure.id}: {what}" for what in _lost(measure, reference[measure.id])]
    return sorted(found)


def _lost(measure: Measure, clause: Clause) -> Iterator[str]:
    """What the clause says and the summary does not, and numbers that it adds."""
    if measure.sectors[:1] != (clause.sector,):
        yield f"primary sector is not {clause.sector}"
    text, summary = _even(clause.text), _even(measure.summary)
    numbers, ours = set(_NUMBER.findall(text)), set(_NUMBER.findall(summary))
    yield from (f"number {number} is lost" for number in sorted(numbers - ours))
    yield from (f"number {number} is added" for number in sorted(ours - numbers))
    yield from (f"place {place} is lost" for place in PLACES if place in text and place not in summary)
    for group in BINDING:
        if any(word in text for word in group) and not any(word in summary for word in group):
            yield f"{group[0]} is lost"
    for exception in (found for pattern in _EXCEPTIONS for found in pattern.findall(text)):
        if exception not in summary or not _SAYS_EXCEPT.search(summary):
            yield f"exception {exception} is lost"


def _even(text: str) -> str:
    """Without spaces, and with one name for the city."""
    return re.sub(r"\s", "", text).replace("本市", "上海")


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(_even(text)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.check_pack", description="Checks the shipped knowledge.")
    parser.add_argument("--reference", type=Path, metavar="FILE", help="the clauses as JSON lines")
    path = parser.parse_args().reference
    try:
        reference = read_reference(path) if path else None
    except (OSError, ValueError, KeyError) as error:
        print(f"{path} cannot be read: {error}", file=sys.stderr)
        return 1
    pack = shipped()
    found = problems(pack, reference)
    print("\n".join(found) or f"{len(pack.measures)} entries, no problem found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
