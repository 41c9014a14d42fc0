"""What questions are answered with, whoever asks them: worked out once, since many people ask the same."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, datetime
from weakref import WeakKeyDictionary

from handlers import texts
from handlers.model import LIST, Asked, Incoming, Listing, Outcome, Reply, State
from handlers.replies import Speaker, say
from knowledge import model as known
from knowledge.library import Library
from knowledge.model import Finding

KEPT = 4_000  # answers, some 2 kB each
LONGEST_LIST = 200  # measures that a list holds at most
NEAR = 0.4  # score from which a near miss is worth a look when nothing was found
NEAR_MISSES = 3
CANDIDATES = 8  # choices shown for an uncertain question


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question leads to."""

    reply: Reply
    outcome: str  # for the journal: a knowledge.model.Outcome, or LIST
    top: str | None  # id of the best match
    score: float
    answered: tuple[str, ...]  # ids of the measures told
    listing: Listing  # the list shown, an empty one where none was
    is_aside: bool  # a word of thanks, say, to which nothing was to be found

    def to(self, incoming: Incoming, now: datetime) -> Outcome:
        """What it means for whoever asked."""
        state = State(incoming.user, self.listing, self.answered, incoming.text, incoming.key)
        asked = Asked(incoming.key, incoming.user, incoming.text, now, self.outcome, self.top, self.score)
        return Outcome(self.reply, None if self.is_aside else state, asked, user=incoming.user)


class Answers:
    """Answers questions from the knowledge of the day, and keeps what it worked out while both stay the same."""

    def __init__(self, speaker: Speaker, keeps: int = KEPT) -> None:
        self._speaker = speaker
        self._keeps = keeps
        # Weak: whoever swaps the knowledge decides when the old one is let go.
        self._kept: WeakKeyDictionary[Library, tuple[date, OrderedDict[str, Answer]]] = WeakKeyDictionary()

    def answer(self, library: Library, today: date, text: str) -> Answer:
        """The measure, the choices, or an honest 'not found'.

        :param today: caveats depend on it.
        """
        kept = self._kept_for(library, today)
        answer = kept.pop(text, None) or self.told(library, find(library, text))
        kept[text] = answer  # the latest comes last
        if len(kept) > self._keeps:
            kept.popitem(last=False)
        return answer

    def _kept_for(self, library: Library, today: date) -> OrderedDict[str, Answer]:
        day, kept = self._kept.get(library, (None, None))
        if kept is None or day != today:
            kept = OrderedDict()
            self._kept[library] = today, kept
        return kept

    def told(self, library: Library, finding: Finding) -> Answer:
        """The answer made of what was found."""
        reply, answered, listing = self._words(library, finding)
        best = finding.matches[0] if finding.matches else None
        outcome = LIST if finding.heading else finding.outcome.value
        reply = replace(reply, outcome=outcome)
        top, score = (best.measure.id, best.score) if best else (None, 0.0)
        return Answer(reply, outcome, top, score, answered, listing, is_aside=_is_aside(finding))

    def _words(self, library: Library, finding: Finding) -> tuple[Reply, tuple[str, ...], Listing]:
        if finding.outcome is known.Outcome.ANSWER:
            measures = [match.measure for match in finding.matches[: finding.answers]]
            reply = self._speaker.answer(library, measures, finding.akin)
            return reply, tuple(measure.id for measure in measures), Listing()
        if (listing := _listing(finding)) is None:
            return _not_found(finding), (), Listing()
        page = self._speaker.page(library, listing)
        return page.reply, (), page.listing


def find(library: Library, text: str) -> Finding:
    """What words find for a question."""
    return library.find(text, LONGEST_LIST)


def _listing(finding: Finding) -> Listing | None:
    """The list that a question leads to: choices, or near misses where nothing else was found."""
    if finding.outcome is known.Outcome.CHOICES:
        shown = finding.matches if finding.heading else finding.matches[:CANDIDATES]
        return Listing(tuple(match.measure.id for match in shown), finding.heading or "")
    near = tuple(m.measure.id for m in finding.matches[:NEAR_MISSES] if m.score >= NEAR)
    if near and finding.missing is None and finding.beside in (None, "policy"):
        return Listing(near, texts.NEAR_MISSES)
    return None


def _is_aside(finding: Finding) -> bool:
    """Whether it leaves the conversation where it was: after thanks a number still chooses from the list."""
    return finding.outcome is known.Outcome.NONE and finding.missing is None and finding.beside == "chitchat"


def _not_found(finding: Finding) -> Reply:
    if finding.missing is not None:
        return say(*finding.missing.split("\n"))
    match finding.beside:
        case "chitchat":
            return say(texts.CHITCHAT)
        case "office":
            return say(texts.OFFICE)
        case "gibberish" | None:
            return say(texts.UNREADABLE)
        case _:
            return say(texts.NOT_FOUND, texts.NOT_FOUND_HINT)
