"""A stand-in for WeChat Work (企业微信): one corporation, one self-built app, a few people. In memory.

People talk to the app through its real callback, encrypted and retried as the platform does; the app talks back
through the API of `api.py`; `sandbox.py` shows both in a browser. Nothing here knows which app it is, and several
platforms can run side by side: all that one needs is handed to its constructor.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random, SystemRandom

from aiohttp import ClientSession
from yarl import URL

from bot.demo import callbacks
from bot.demo.access import Access
from bot.demo.callback import Callback
from bot.demo.callbacks import Fields
from bot.demo.cards import answers, is_menu_key
from bot.demo.corporation import Corporation, Media
from bot.demo.faults import Faults
from bot.demo.menus import label_of
from bot.demo.model import Account, Call, Clock, Delivery, Entry, Exchange, Person, Side, Timing
from bot.demo.replies import Reply
from bot.demo.sending import Sending
from bot.demo.texts import PEOPLE

KEEP_CALLS = 10_000  # of the app's calls, the newest


class Platform:
    """The platform as a test or a page uses it."""

    def __init__(
        self,
        account: Account,
        callback_url: str,
        session: ClientSession,
        clock: Clock,
        *,
        people: Iterable[Person] = PEOPLE,
        timing: Timing = Timing(),  # noqa: B008  frozen
        accounts: int = 200,
        trusted_domain: str = "",
        random: Random | None = None,
    ) -> None:
        """
        :param clock: the platform's time; its patience with the app is real time, in `timing`.
        :param accounts: the corporation's account limit, for the daily quota.
        :param trusted_domain: host[:port] that OAuth may redirect to; empty: the callback's.
        """
        self.account = account
        self.faults = Faults()
        self.corp = Corporation(account, people, clock, random or SystemRandom())
        self.access = Access(self.corp, trusted_domain or URL(callback_url).authority)
        self.sending = Sending(self.corp, accounts)
        self.calls: deque[Call] = deque(maxlen=KEEP_CALLS)
        self._callback = Callback(self.corp, callback_url, session, timing, self.faults)

    # What people do. Each returns when the app has answered or the retries are used up.

    async def verify_url(self) -> Exchange:
        """The URL check that saving the callback triggers; passed if its `problems` are empty."""
        return await self._callback.verify()

    async def tell(self, user: str, fields: Fields, label: str = "") -> Exchange:
        """Sends any message or event of `callbacks` in a person's name.

        :param label: the words on what the person pressed, for the note in the chat.
        :raises LookupError: no such person, or the app is not visible to them.
        """
        exchange, reply = await self._exchange(user, fields, label)
        if reply.message:
            self.corp.post(exchange.user, Side.APP, reply.message, source=exchange.id, flags=reply.flags)
        return exchange

    async def say(self, user: str, content: str) -> Exchange:
        return await self.tell(user, callbacks.text(content))

    async def open_app(self, user: str) -> Exchange:
        return await self.tell(user, callbacks.event("enter_agent"))

    async def click(self, user: str, key: str) -> Exchange:
        """A menu button that sends its key."""
        return await self.tell(user, callbacks.event("click", key), label_of(self.corp.menu, key))

    async def view(self, user: str, url: str) -> Exchange:
        """A menu button that opens a page."""
        return await self.tell(user, callbacks.event("view", url))

    async def join(self, user: str) -> Exchange:
        """The person comes into the app's visible range."""
        self.corp.show_app(self._person(user), True)
        return await self.tell(user, callbacks.event("subscribe"))

    async def leave(self, user: str) -> Exchange:
        """The person leaves the app's visible range: the app is told, and cannot reach them any more."""
        self.corp.show_app(self._person(user), False)
        return await self.tell(user, callbacks.event("unsubscribe"))

    async def press(self, entry_id: str, key: str, chosen: Mapping[str, Sequence[str]] | None = None) -> Exchange:
        """Presses a button of a template card in a chat.

        :param chosen: question_key -> ids of the options chosen.
        :raises LookupError: no such card, or no such button on it.
        """
        entry = self.corp.entry(entry_id)
        card = entry.message.get("template_card", {}) if entry else {}
        if entry is None or key not in answers(card):
            raise LookupError(f"no card with a button {key!r}")
        name = "template_card_menu_event" if is_menu_key(card, key) else "template_card_event"
        code = self.sending.new_response_code(entry.msgid)
        fields = callbacks.card_event(name, key, card, code, chosen or {})
        exchange, reply = await self._exchange(entry.user, fields, answers(card)[key])
        self._show_answer(entry_id, exchange, reply)
        return exchange

    def upload(self, media: Media) -> str:
        """Keeps a file for three days.

        :returns: its media id.
        """
        return self.corp.media.issue(media, self.corp.now())

    # What a test or a page looks at.

    @property
    def people(self) -> tuple[Person, ...]:
        return self.corp.people

    def hire(self, person: Person) -> Person:
        """Adds somebody to the corporation."""
        return self.corp.hire(person)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every message that message/send delivered, oldest first."""
        return self.sending.deliveries

    @property
    def dropped(self) -> list[Delivery]:
        """Every message that a limit swallowed without telling the app."""
        return self.sending.dropped

    def chat(self, user: str) -> list[Entry]:
        """A person's chat, oldest first."""
        return self.corp.chat(user)

    def replies(self, user: str) -> list[str]:
        """The texts that the app sent to a person, in passive replies and pushes, oldest first."""
        texts = (e.message.get("text", {}).get("content") for e in self.chat(user) if e.side is Side.APP)
        return [text for text in texts if text]

    def expire_tokens(self) -> None:
        """Makes every access token invalid before its time."""
        self.access.expire_tokens()

    def record_call(self, call: Call) -> None:
        self.calls.append(call)
        self.corp.feed.put("call", call.id, call)
        if call.fault:
            self.publish_settings()

    def publish_settings(self) -> None:
        """Tells the pages which troubles are switched on."""
        labels = [fault.label for fault in self.faults.active]
        self.corp.feed.put("settings", "", {"silent": self.faults.silent_attempts, "faults": labels})

    def close(self) -> None:
        """Lets pages and hanging calls go, for a shutdown."""
        self.corp.feed.close()

    async def _exchange(self, user: str, fields: Fields, label: str) -> tuple[Exchange, Reply]:
        person = self._person(user)
        if not self.corp.sees_app(person) and fields.get("Event") != "unsubscribe":
            raise LookupError(f"the app is not visible to {user}")
        exchange = self._callback.begin(person, fields)
        side, message = callbacks.shown(fields, label)
        self.corp.post(person.user, side, message, source=exchange.id)
        return await self._callback.deliver(exchange)

    def _person(self, user: str) -> Person:
        person = self.corp.person(user)
        if person is None:
            raise LookupError(f"no such person: {user}")
        return person

    def _show_answer(self, entry_id: str, exchange: Exchange, reply: Reply) -> None:
        """A reply to a card's button changes the card; one to its menu is a message."""
        entry = self.corp.entry(entry_id)
        if entry is None or reply.message is None:
            return
        if not reply.update:
            self.corp.post(entry.user, Side.APP, reply.message, source=exchange.id, flags=reply.flags)
        elif reply.message["msgtype"] == "update_button":
            self.corp.put(replace(entry, replaced=reply.message["update_button"]["replace_name"]))
        else:
            card = {"task_id": entry.message["template_card"]["task_id"], **reply.message["template_card"]}
            message = {"msgtype": "template_card", "template_card": card}
            self.corp.put(replace(entry, message=message, replaced=card.get("replace_text", "")))
