"""What is known: documents, measures, sectors, and what a search finds. Values only, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MAX_TITLE = 60  # characters of a measure's title
GOOD_TITLE = 24  # ... that a phone shows in one line; no title of ours is longer
MAX_SUMMARY = 120  # characters, as replies show it


@dataclass(frozen=True, slots=True)
class Document:
    slug: str  # stable key, first part of every measure id: 'mofcom-2021-63'
    title: str  # full official title
    number: str = ""  # official number as printed: '商资发2021年第63号'; '' where the copy names none
    issuer: str = ""
    issued: date | None = None  # None where the copy at hand names no date
    source_url: str | None = None  # the issuer's page, where one is known
    short_names: tuple[str, ...] = ()  # what people call it: '63号文', '总体方案'
    items: Mapping[int, str] = field(default_factory=dict)  # number of a clause (第N条) -> its heading
    missing: str | None = None  # what the copy at hand lacks, as a sentence for people


@dataclass(frozen=True, slots=True)
class Sector:
    code: str  # 'finance'
    name: str  # '金融'
    aliases: tuple[str, ...] = ()  # other names people use: '银行', 'financial'


class Status(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, or (item 0) one thing that a document says as a whole."""

    id: str  # '<document slug>/<item>.<ordinal>'
    document: str  # slug
    item: int  # 第N条; 0 for overview entries
    ordinal: int  # place inside the item, from 1
    sectors: tuple[str, ...]  # codes, the primary one first; empty for overview entries
    title: str  # at most 24 characters
    summary: str  # at most 120 characters, in our own words
    keywords: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()  # abbreviations, English terms, nicknames
    asked_as: tuple[str, ...] = ()  # phrases people ask with
    text: str | None = None  # official wording, present only after an import
    number: str | None = None  # its own number as printed, with those around it: '二、（一）', '第七条 （一）'
    link: str | None = None  # overrides the document's source_url
    note: str | None = None  # a caveat shown wherever the measure is shown
    also_in: tuple[str, ...] = ()  # ids of measures of other documents that say the same
    not_asked_as: tuple[str, ...] = ()  # questions that are not about this measure
    status: Status = Status.ACTIVE
    replaced_by: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_overview(self) -> bool:
        return self.item == 0

    @property
    def clause(self) -> str:
        """The citation inside the document: '第2条第13项'; '总体内容' for overview entries."""
        return "总体内容" if self.is_overview else f"第{self.item}条第{self.ordinal}项"


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Questions that no measure is about; they compete with the measures when a message is matched."""

    topic: str
    kind: str  # 'policy', 'chitchat', 'office' or 'gibberish'
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MilestoneFact:
    """What is stated of one milestone of a pilot, beyond what follows from the pilot's start."""

    kind: str  # 'mid-term' … for a usual one, any other short word for one that was added
    date: date | None = None  # None: as it follows from the start
    title: str | None = None  # None: the usual one
    leads: tuple[int, ...] | None = None  # days ahead at which it is announced; None: the pilot's
    removed: bool = False
    revision: int = 0  # how often the date has changed; kept by the scheduler, never lowered


@dataclass(frozen=True, slots=True)
class PilotFact:
    """A pilot as a pack states it; the scheduler turns it into milestones."""

    document: str  # slug of the plan that founds it
    name: str
    start: date
    start_basis: str = "document"  # 'document' (derived from the document's date) or 'admin'
    months: int = 36
    leads: tuple[int, ...] | None = None  # days ahead at which its milestones are announced; None: the usual ones
    milestones: tuple[MilestoneFact, ...] = ()  # those that were added, moved, removed or announced otherwise


@dataclass(frozen=True, slots=True)
class WorkdayYear:
    """One year's official arrangement of holidays, as an admin loaded it; the scheduler turns it into a calendar."""

    year: int
    holidays: tuple[date, ...] = ()  # the days declared free, weekends included
    worked: tuple[date, ...] = ()  # the Saturdays and Sundays that are worked


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole knowledge base as a value: what ships, what `export` writes, what a snapshot serves."""

    documents: tuple[Document, ...] = ()
    sectors: tuple[Sector, ...] = ()
    measures: tuple[Measure, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()  # groups of words that mean the same
    out_of_scope: tuple[OutOfScope, ...] = ()
    pilots: tuple[PilotFact, ...] = ()
    workdays: tuple[WorkdayYear, ...] = ()  # beside the calendar that ships


class Outcome(StrEnum):
    ANSWER = "answer"  # the first `answers` matches are the reply
    CHOICES = "choices"  # a list to choose from
    NONE = "none"  # nothing found; matches may hold near misses


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an entry matched, for `--explain` and the admin pages."""

    kind: str  # how: 'characters', 'sound', 'word' (Latin), 'synonym', or by name: 'clause', 'sector', 'document'
    field: str  # of the entry: 'title', 'keywords', 'aliases', 'asked_as', 'summary', 'text'; '' for a name
    query: str  # what of the message; parts that do not touch are joined by '…'
    entry: str  # the text of the entry that holds it, or what was named
    weight: float  # share of the entry's score, 0..1


@dataclass(frozen=True, slots=True)
class Match:
    measure: Measure
    score: float  # 0..1
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a message leads to."""

    query: str
    outcome: Outcome
    matches: tuple[Match, ...] = ()  # best first; a list by clause or sector in the document's order
    answers: int = 1  # how many of the first matches are given as the reply when the outcome is ANSWER
    heading: str | None = None  # what a list is about: '63号文第8条', '金融'
    missing: str | None = None  # the message asks for a part that the copy at hand lacks: a sentence for people
    akin: Measure | None = None  # of another document, with no phrases of its own: says nearly what the answer does
    beside: str | None = None  # kind of the out-of-scope topic that the message is nearest to, when nothing was found
