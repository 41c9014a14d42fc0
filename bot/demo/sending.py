"""What the app sends on its own: message/send, its limits, recall and the update of cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.demo.bodies import BAD_PARAMETER, Body
from bot.demo.cards import BAD_TASK_ID, check_card, wants_answer
from bot.demo.corporation import Corporation
from bot.demo.limits import PER_ACCOUNT, DayLimit, Duplicates, MemberLimit
from bot.demo.model import ApiError, Delivery, Message, Person, Side
from bot.demo.outgoing import Checked, Recipients, check, check_agent
from bot.demo.vouchers import VoucherError, Vouchers

RECALL_WITHIN = timedelta(hours=24)
RESPONSE_LIFETIME = timedelta(hours=72)
ROOT_PARTY = "1"  # the department that everyone belongs to; there are no others, and no tags

TOO_MANY = 45009
NOBODY = 81013


class Sending:
    """The platform's side of message/…"""

    def __init__(self, corp: Corporation, accounts: int) -> None:
        """:param accounts: how many accounts the corporation may have; the app's day is 200 messages for each."""
        self._corp = corp
        self._member_limit = MemberLimit()
        self._day_limit = DayLimit(accounts * PER_ACCOUNT)
        self._duplicates = Duplicates()
        self._task_ids: set[str] = set()
        self._responses: Vouchers[str] = Vouchers(RESPONSE_LIFETIME, corp.new_id)  # for the msgid of a card
        self.deliveries: list[Delivery] = []  # everything delivered, oldest first
        self.dropped: list[Delivery] = []  # everything that a limit swallowed in silence

    def send(self, request: Mapping[str, Any], source: str = "") -> dict[str, Any]:
        """message/send.

        :param source: id of the API call, kept in the entries it makes.
        :raises ApiError: refused, nothing is delivered.
        """
        now = self._corp.now()
        if (known := self._duplicates.answer(request, now)) is not None:
            return known
        checked = check(request, self._corp.account.agent_id, self._corp.has_media)
        people, answer = self._resolve(checked.recipients)
        self._claim_task_id(checked.message)
        if not self._day_limit.take(len(people), now):
            raise ApiError(TOO_MANY, "api freq out of limit")
        answer |= self._deliver(people, checked, source)
        self._duplicates.remember(request, answer, now)
        return answer

    def recall(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """message/recall, within 24 hours."""
        entries = self._corp.sent_as(Body(request, "request").require("msgid"))
        if not entries or self._corp.now() - entries[0].at > RECALL_WITHIN:
            raise ApiError(BAD_PARAMETER, "invalid msgid")
        for entry in entries:
            self._corp.put(replace(entry, recalled=True))
        return {}

    def update_card(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """message/update_template_card; each response_code works once."""
        check_agent(request, self._corp.account.agent_id)
        change = self._card_change(Body(request, "request"))
        msgid = self._redeem(Body(request, "request").require("response_code"))
        users = [str(user).lower() for user in request.get("userids") or ()]
        entries = [e for e in self._corp.sent_as(msgid) if request.get("atall") or e.user.lower() in users]
        for entry in entries:
            self._corp.put(replace(entry, **change))
        reached = {entry.user.lower() for entry in entries}
        return {"invaliduser": [user for user in users if user not in reached and not request.get("atall")]}

    def new_response_code(self, msgid: str) -> str:
        return self._responses.issue(msgid, self._corp.now())

    def _resolve(self, recipients: Recipients) -> tuple[list[Person], dict[str, Any]]:
        """Who gets it, and the answer's lists of who cannot."""
        found = {user: self._corp.person(user) for user in recipients.users}
        people = {p.user: p for p in found.values() if p and self._corp.sees_app(p)}
        if recipients.everyone or ROOT_PARTY in recipients.parties:
            people |= {p.user: p for p in self._corp.people if self._corp.sees_app(p)}
        invalid = [user for user, p in found.items() if p is None or not self._corp.sees_app(p)]
        if not people:
            raise ApiError(NOBODY, "user & party & tag all invalid")
        answer = {
            "invaliduser": "|".join(user.lower() for user in invalid),
            "invalidparty": "|".join(party for party in recipients.parties if party != ROOT_PARTY),
            "invalidtag": "|".join(recipients.tags),
            "unlicenseduser": "|".join(p.user.lower() for p in people.values() if not p.licensed),
        }
        return [p for p in people.values() if p.licensed], answer

    def _claim_task_id(self, message: Message) -> None:
        task_id = message.get("template_card", {}).get("task_id", "")
        if task_id in self._task_ids:
            raise ApiError(BAD_TASK_ID, "task_id has been used")
        if task_id:
            self._task_ids.add(task_id)

    def _deliver(self, people: list[Person], checked: Checked, source: str) -> dict[str, Any]:
        msgid = self._corp.new_id()
        for person in people:
            self._deliver_to(person, checked, msgid, source)
        answer = {"msgid": msgid}
        if wants_answer(checked.message.get("template_card", {})):
            answer["response_code"] = self.new_response_code(msgid)
        return answer

    def _deliver_to(self, person: Person, checked: Checked, msgid: str, source: str) -> None:
        now = self._corp.now()
        delivery = Delivery(person.user, checked.message, now, self._member_limit.exceeded(person.user, now))
        if delivery.dropped:
            self.dropped.append(delivery)
            self._corp.feed.put("dropped", self._corp.new_id(), delivery)
            return
        self.deliveries.append(delivery)
        self._corp.post(
            person.user, Side.APP, checked.message, source=source, pushed=True, msgid=msgid, flags=checked.flags
        )

    def _card_change(self, request: Body) -> dict[str, Any]:
        """The fields of the entry that change."""
        if card := request.part("template_card"):
            check_card(card)
            return {"message": {"msgtype": "template_card", "template_card": card.fields}, "replaced": ""}
        button = request.part("button")
        if button is None:
            raise ApiError(BAD_PARAMETER, "needs button or template_card")
        return {"replaced": button.require("replace_name")}

    def _redeem(self, code: str) -> str:
        try:
            return self._responses.redeem(code, self._corp.now())
        except VoucherError as refused:
            raise ApiError(BAD_PARAMETER, f"invalid response_code: {refused}") from None
