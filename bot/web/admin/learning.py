"""The learning desk: what people asked in vain, and one click to teach the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from bot.web.admin import texts
from bot.web.admin.access import FORM, Form, page, see, text, who
from bot.web.admin.parts import Parts
from handlers.aside import aside
from handlers.learning import Act, Group
from handlers.teaching import Lesson
from knowledge.library import Library
from knowledge.model import Finding, Outcome

PAGE = 10  # groups at once
NEAREST = 4  # measures shown with a group
DESK = "/admin/learning"
IDLE = ("chitchat", "office", "gibberish")  # kinds of topics that no measure will ever be about
MOST_KEYS = 500  # questions that one form may stand for


@dataclass(frozen=True, slots=True)
class Case:
    """A group of questions, and what the service would answer now."""

    group: Group
    finding: Finding

    @property
    def is_idle(self) -> bool:
        return self.finding.outcome is Outcome.NONE and self.finding.beside in IDLE

    @property
    def is_settled(self) -> bool:
        """Answered by now, and nobody said that the answer was of no use."""
        useless = any(question.useless for question in self.group.questions)
        return self.finding.outcome is Outcome.ANSWER and not useless


class Learning:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/learning", self.desk), web.post("/learning", self.teach)]

    async def desk(self, request: web.Request) -> web.Response:
        """Groups of questions; `all` of the address also shows small talk."""
        return await self._desk(request)

    async def _desk(self, request: web.Request, status: int = 200, problem: str = "") -> web.Response:
        library, everything = self._parts.library(), request.query.get("all") == "1"
        groups = await self._parts.teacher.waiting()
        cases = await asyncio.to_thread(_cases, library, groups, everything)
        number = int(request.query["page"]) if request.query.get("page", "").isdecimal() else 1
        pages = max(1, -(-len(cases) // PAGE))
        number = min(max(number, 1), pages)
        return page(
            request,
            "learning.html",
            status,
            cases=cases[(number - 1) * PAGE : number * PAGE],
            total=len(cases),
            page=number,
            pages=pages,
            on=lambda n: f"{DESK}?page={n}{'&all=1' if everything else ''}",
            everything=everything,
            problem=problem,
            kinds=texts.EVIDENCE,
            library=library,
            outcomes=texts.OUTCOMES,
        )

    async def teach(self, request: web.Request) -> web.StreamResponse:
        form = request[FORM]
        act = next((act for act in Act if act == text(form, "act")), None)
        lesson = _lesson(form, act, who(request)) if act else None
        problem = _problem(lesson, self._parts.library()) if lesson else texts.NOTHING_CHOSEN
        if lesson is None or problem:
            return await self._desk(request, 422, problem)
        told = await self._parts.teacher.teach(lesson)
        await self._parts.library.refresh()
        raise see(request, f"{DESK}?done={'taught' if told else await self._done(lesson)}")

    async def _done(self, lesson: Lesson) -> str:
        """What to say when nobody is told."""
        if lesson.act not in (Act.PHRASE, Act.SYNONYM):
            return "learned"
        library = self._parts.library()
        finding = await aside(library, partial(library.find, lesson.question))
        return "learned" if finding.outcome is Outcome.ANSWER else "unsure"


def _cases(library: Library, groups: Sequence[Group], everything: bool) -> list[Case]:
    """What each group finds now. Takes a while: call it in a thread."""
    cases = [Case(group, library.explain(group.text, NEAREST).finding) for group in groups[: 20 * PAGE]]
    return [case for case in cases if not case.is_settled and (everything or not case.is_idle)]


def _lesson(form: Form, act: Act, author: str) -> Lesson:
    keys = tuple(text(form, "keys").split()[:MOST_KEYS])
    names = ("word", "means") if act is Act.SYNONYM else ("phrase",)
    words = tuple(word for name in names if (word := text(form, name)[:200]))
    measure = text(form, "measure") or text(form, "measure_id") or None
    return Lesson(keys, act, author, measure, words, question=text(form, "phrase"))


def _problem(lesson: Lesson, library: Library) -> str:
    """What is missing, or ''."""
    if lesson.act in (Act.PHRASE, Act.LINK, Act.NOT_THIS) and lesson.measure not in library.measures:
        return texts.NO_MEASURE.format(id=lesson.measure) if lesson.measure else texts.NO_CHOICE
    if lesson.act is Act.SYNONYM and len(set(lesson.words)) < 2:
        return texts.TWO_WORDS
    if lesson.act in (Act.PHRASE, Act.NOT_THIS, Act.OUT_OF_SCOPE) and not lesson.words:
        return texts.NO_PHRASE
    return ""
