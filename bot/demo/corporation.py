"""The corporation's state: people, chats, files, menu. No network, no clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from bot.demo.feed import Feed
from bot.demo.model import Account, Clock, Department, Entry, Message, Person, Side
from bot.demo.vouchers import VoucherError, Vouchers

DEPARTMENTS = (Department(1, 0), Department(2, 1), Department(3, 1))  # those above first
MEDIA_LIFETIME = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Media:
    kind: str  # image, voice, video, file
    data: bytes
    filename: str
    content_type: str


class Corporation:
    """Everything that the platform knows, and the feed that tells its readers of every change."""

    def __init__(self, account: Account, people: Iterable[Person], clock: Clock, random: Random) -> None:
        self.account = account
        self.now = clock
        self.feed = Feed()
        self.menu: dict[str, Any] = {}
        self.media: Vouchers[Media] = Vouchers(MEDIA_LIFETIME, self.new_id)
        self._random = random
        self._people = {person.user.lower(): person for person in people}
        self._outside: set[str] = set()  # lower-case ids of those who cannot see the app
        self._entries: dict[str, Entry] = {}

    def new_id(self) -> str:
        """Random, so that nothing repeats after a restart against an app that remembers."""
        return f"{self._random.getrandbits(128):032x}"

    def new_number(self, bits: int) -> int:
        return self._random.getrandbits(bits)

    # People

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(self._people.values())

    def hire(self, person: Person) -> Person:
        """Adds somebody. A page that is open learns of them when it is loaded again."""
        self._people[person.user.lower()] = person
        return person

    def person(self, user: str) -> Person | None:
        """Ids compare without case."""
        return self._people.get(user.lower())

    def sees_app(self, person: Person) -> bool:
        return person.user.lower() not in self._outside

    def show_app(self, person: Person, visible: bool) -> None:
        """Moves a person into the app's visible range or out of it."""
        (self._outside.discard if visible else self._outside.add)(person.user.lower())
        self.feed.put("person", person.user, {"user": person.user, "visible": visible})

    def members(self, department: int, *, below: bool) -> list[Person] | None:
        """Who in a department sees the app, or in those below it as well; None where there is no such department."""
        wanted, known = {department}, {d.id: d for d in DEPARTMENTS}
        if department not in known:
            return None
        for one in DEPARTMENTS if below else ():  # those above come first
            wanted |= {one.id} if one.parent in wanted else set()
        return [person for person in self.people if person.department in wanted and self.sees_app(person)]

    # Chats

    def post(self, user: str, side: Side, message: Message, **more: Any) -> Entry:
        """Adds an entry to a person's chat; `more` are further fields of it."""
        return self.put(Entry(self.new_id(), len(self._entries), user, side, self.now(), message, **more))

    def put(self, entry: Entry) -> Entry:
        """Adds an entry, or replaces the one with the same id."""
        self._entries[entry.id] = entry
        self.feed.put("entry", entry.id, entry)
        return entry

    def entry(self, entry_id: str) -> Entry | None:
        return self._entries.get(entry_id)

    def chat(self, user: str) -> list[Entry]:
        """A person's chat, oldest first."""
        return [entry for entry in self._entries.values() if entry.user.lower() == user.lower()]

    def sent_as(self, msgid: str) -> list[Entry]:
        """The entries that one call of message/send made."""
        return [entry for entry in self._entries.values() if msgid and entry.msgid == msgid]

    # The rest

    def set_menu(self, menu: dict[str, Any]) -> None:
        """The app's bottom menu as given to menu/create; empty for none."""
        self.menu = menu
        self.feed.put("menu", "", menu)

    def find_media(self, media_id: str) -> Media | None:
        try:
            return self.media.look(media_id, self.now())
        except VoucherError:
            return None

    def has_media(self, media_id: str) -> bool:
        return self.find_media(media_id) is not None
