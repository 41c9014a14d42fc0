"""`pilotbot milestones`: the timeline in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot import compose, look_up
from bot.settings import Settings
from bot.web.api.milestones import PilotMilestone, timeline


async def listed(settings: Settings, first: date | None, last: date | None) -> list[PilotMilestone]:
    """The milestones from `first` to `last`, both included, by date.

    :raises Unavailable: the database cannot be read.
    """
    async with look_up.desk(settings) as desk:
        return timeline(compose.world_from(settings, desk.library.pack), first, last)


def as_json(milestones: Sequence[PilotMilestone]) -> list[dict[str, Any]]:
    """As the contract of `pilotbot milestones --json` has it."""
    return [milestone.model_dump(mode="json") for milestone in milestones]


def as_text(milestones: Sequence[PilotMilestone]) -> str:
    """For people: a line for each milestone, one below it for each reminder."""
    lines = []
    for milestone in milestones:
        marks = [mark for mark in ("derived", "provisional") if getattr(milestone, mark)]
        note = f"  ({', '.join(marks)})" if marks else ""
        lines.append(f"{milestone.date}  {milestone.pilot}/{milestone.milestone}  {milestone.title}{note}")
        lines += [
            f"    {reminder.at:%Y-%m-%d %H:%M %z}  {reminder.lead} days ahead" for reminder in milestone.reminders
        ]
    return "\n".join(lines) if lines else "no milestones in this period"
