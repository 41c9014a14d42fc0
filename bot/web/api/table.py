"""Everything that the API can do."""

from __future__ import annotations

from bot.web.api.asking import Asking
from bot.web.api.context import Context
from bot.web.api.documents import Documents
from bot.web.api.measures import Measures
from bot.web.api.milestones import Timeline
from bot.web.api.operations import Operation
from bot.web.api.sectors import Sectors


def operations(context: Context) -> list[Operation]:
    """In the order of the description; of two paths that fit, the first one counts."""
    resources = (Measures, Documents, Sectors, Timeline, Asking)
    return [operation for resource in resources for operation in resource(context).operations()]
