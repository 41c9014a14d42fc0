"""An import as text for a terminal: what changes word by word, what is wrong, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handlers import import_texts as texts
from handlers.consequences import Consequences
from knowledge.import_plan import Act, Plan, Planned
from knowledge.stated import SORTS
from knowledge.word_diff import Act as Word
from knowledge.word_diff import Piece, word_diff

FIRST = 5  # sentences that became no measure, shown; the rest is counted
MOST = 20  # entries, questions and deadlines that are shown each; the rest is counted
LONGEST = 400  # characters of one field's changes
CONTEXT = 8  # characters shown on either side of a change

_HEADS = {Act.ADDED: texts.ADDED, Act.CHANGED: texts.CHANGED, Act.RETIRED: texts.RETIRED}


def report(plan: Plan, consequences: Consequences | None = None) -> str:
    """:param consequences: of a dry run."""
    if plan.faults:
        return "\n".join(map(str, plan.faults))
    lines = [*map(str, plan.warnings), *_left_out(plan)]
    if consequences is not None:
        lines = [*_entries(plan), *_deadlines(plan), *lines, *_consequences(consequences)]
    lines.append(texts.COUNTS.format(**plan.counts))
    return "\n".join([*lines, texts.DRY_RUN] if consequences is not None else lines)


def _entries(plan: Plan) -> Iterator[str]:
    different = [entry for entry in plan.planned if entry.act is not Act.UNCHANGED]
    for entry in different[:MOST]:
        yield _HEADS[entry.act].format(what=SORTS[entry.kind].name, key=entry.key, title=_title(entry)).rstrip()
        if entry.act is Act.CHANGED:
            yield from _fields(entry)
    if len(different) > MOST:
        yield texts.REST.format(number=len(different) - MOST)


def _title(entry: Planned) -> str:
    return str(entry.after.get("title") or entry.after.get("name") or "")


def _fields(entry: Planned) -> Iterator[str]:
    known = SORTS[entry.kind].fields
    before = entry.before or {}
    for name in entry.fields:
        pieces = word_diff(_text(before.get(name)), _text(entry.after[name]))
        label = known[name].name if name in known else name
        yield texts.FIELD.format(name=label, text=_marked(pieces))


def _text(value: Any) -> str:
    """A field's value as one line."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{_text(item)}" for key, item in value.items())
    text = "；".join(map(_text, value)) if isinstance(value, list) else str(value)
    return " ".join(text.split())


def _marked(pieces: list[Piece]) -> str:
    """'…保持[-旧-]{+新+}不变…', in the way of word diffs at the terminal."""
    shown = {Word.SAME: _shortened, Word.GONE: "[-{}-]".format, Word.NEW: "{{+{}+}}".format}
    text = "".join(shown[piece.act](piece.text) for piece in pieces)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shortened(text: str) -> str:
    return text if len(text) <= 2 * CONTEXT else f"{text[:CONTEXT]}…{text[-CONTEXT:]}"


def _deadlines(plan: Plan) -> Iterator[str]:
    if plan.proposals:
        yield texts.PROPOSALS.format(number=len(plan.proposals))
    for proposal in plan.proposals[:MOST]:
        yield texts.PROPOSAL.format(date=proposal.date, measure=proposal.measure, title=proposal.title)


def _left_out(plan: Plan) -> Iterator[str]:
    if plan.left_out:
        yield texts.LEFT_OUT.format(number=len(plan.left_out))
    for sentence in plan.left_out[:FIRST]:
        yield texts.LEFT_OUT_ONE.format(sentence=sentence)
    if len(plan.left_out) > FIRST:
        yield texts.REST.format(number=len(plan.left_out) - FIRST)


def _consequences(found: Consequences) -> Iterator[str]:
    if found.asked:
        yield texts.ANSWERS.format(number=len(found.answers), asked=found.asked)
    for answer in found.answers[:MOST]:
        before, after = ("、".join(titles) or texts.NOT_FOUND for titles in (answer.before, answer.after))
        yield texts.ANSWER.format(question=answer.question, before=before, after=after)
    yield texts.FOLLOWERS.format(number=found.followers)
