"""Everything that the API can do."""

from __future__ import annotations

from bot.web.api import (
    asking,
    deliveries,
    documents,
    history,
    imports,
    measures,
    milestones,
    pilots,
    proposals,
    questions,
    sectors,
    subscriptions,
    synonyms,
)
from bot.web.api.context import Context
from bot.web.api.operations import Operation

RESOURCES = (
    measures,
    documents,
    sectors,
    milestones,
    asking,
    deliveries,
    synonyms,
    pilots,
    proposals,
    imports,
    history,
    subscriptions,
    questions,
)


def operations(context: Context) -> list[Operation]:
    """In the order of the description; of two paths that fit, the first one counts."""
    return [operation for resource in RESOURCES for operation in resource.operations(context)]
