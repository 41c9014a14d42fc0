"""The timeline of the pilots as JSON: what `pilotbot milestones --json` prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Query
from scheduler import due
from scheduler.milestones import milestones
from scheduler.model import Milestone
from scheduler.store.planning import World


class Reminder(BaseModel):
    lead: int  # calendar days ahead
    at: datetime


class PilotMilestone(BaseModel):
    pilot: str
    milestone: str
    title: str
    date: date
    derived: bool  # counted from the start, not stated by anybody
    provisional: bool  # the holidays of a year it depends on are not published yet
    reminders: list[Reminder]


class Period(Query):
    model_config = ConfigDict(populate_by_name=True)

    from_: date | None = Field(None, alias="from")
    to: date | None = None


def operations(context: Context) -> list[Operation]:
    return Timeline(context).operations()


@dataclass(frozen=True, slots=True)
class Timeline:
    """Reading."""

    context: Context

    def operations(self) -> list[Operation]:
        summary = "Milestones of the pilots with the instants of their reminders, by date"
        return [
            Operation("GET", "/milestones", "listMilestones", summary, self.list, list[PilotMilestone], query=Period)
        ]

    async def list(self, call: Call) -> Answer:
        return Answer(timeline(self.context.world(), call.query.from_, call.query.to))


def timeline(world: World, first: date | None, last: date | None) -> list[PilotMilestone]:
    """The milestones from `first` to `last`, both included, by date."""
    listed = sorted((m for pilot in world.pilots for m in milestones(pilot)), key=lambda m: (m.date, m.id))
    return [_shown(m, world) for m in listed if (first or date.min) <= m.date <= (last or date.max)]


def _shown(milestone: Milestone, world: World) -> PilotMilestone:
    reminders = due.reminders(milestone, world.calendar, world.remind_at, world.zone)
    return PilotMilestone(
        pilot=milestone.pilot,
        milestone=milestone.kind,
        title=milestone.title,
        date=milestone.date,
        derived=milestone.derived,
        provisional=any(reminder.provisional for reminder in reminders),
        reminders=[Reminder(lead=lead, at=each.at) for each in reminders for lead in each.leads],
    )
