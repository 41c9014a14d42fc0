"""What the handlers need from outside; bot/ provides it, tests provide fakes with behaviour."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from handlers.model import Incoming, Outcome, Reply, State
from handlers.request import Standing


class Memory(Protocol):
    """What is remembered between messages. Shared by all replicas through the database."""

    def replied_here(self, key: str) -> Reply | None:
        """The reply that this process gave to the delivery, or None."""

    async def replied(self, key: str) -> Reply | None:
        """The reply given to this delivery before, or None if the delivery is new here and in the database."""

    async def state(self, user: str) -> State:
        """The person's conversation as of now, own pending writes included; an empty one for a stranger."""

    async def welcomed(self, user: str) -> date | None:
        """The local day on which the person was last welcomed, None if never.

        :raises Unavailable: the database does not answer.
        """

    async def standing(self, incoming: Incoming) -> Standing:
        """What the person follows and was told; for a click also what its card told them.

        :raises Unavailable: the database does not answer.
        """

    def record_later(self, key: str, reply: Reply, outcome: Outcome) -> None:
        """Write behind: for questions, which must not wait for a disk. Durable and visible to all within 0.15 s, or later
        where the machine has no processor time to spare.
        """

    async def record(self, key: str, reply: Reply, outcome: Outcome) -> Reply:
        """Write now, in one transaction under the delivery's unique key.

        :returns: the reply that counts: this one, or the one stored earlier when the delivery was known after all,
            in which case nothing of this outcome took effect.
        :raises Unavailable: the database does not answer.
        """
