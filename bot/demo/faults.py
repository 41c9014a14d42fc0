"""Troubles that tests and the sandbox switch on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    ERRCODE = "errcode"  # answered with an errcode
    HANG = "hang"  # never answered: the caller runs into its time-out
    RESET = "reset"  # the connection is cut
    STATUS = "status"  # an HTTP status and a body that is not JSON


@dataclass(frozen=True, slots=True)
class Fault:
    """A trouble of the API server.

    With `acts` the call takes effect first, so that the caller cannot know: delivered, yet reset or never answered.
    """

    effect: Effect
    path: str = ""  # below /cgi-bin/, "message/send"; empty: any call
    spares: str = ""  # the path it never strikes
    times: int | None = 1  # how many calls it strikes; None: until cleared
    errcode: int = -1
    status: int = 502
    acts: bool = False
    label: str = ""  # what the sandbox page calls it


class Faults:
    """The faults that are on. The first that fits a call strikes it."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int | None]] = []
        self.silent_attempts = 0  # of each callback, how many first attempts lose their answer

    def add(self, fault: Fault) -> None:
        self._left.append((fault, fault.times))

    def clear_calls(self) -> None:
        """Ends all faults of the API; `silent_attempts` stays."""
        self._left.clear()

    @property
    def active(self) -> tuple[Fault, ...]:
        return tuple(fault for fault, _ in self._left)

    def take(self, path: str) -> Fault | None:
        """The fault that strikes this call, if any; it is counted down."""
        for index, (fault, left) in enumerate(self._left):
            if fault.path in ("", path) and fault.spares != path:
                self._count_down(index, fault, left)
                return fault
        return None

    def _count_down(self, index: int, fault: Fault, left: int | None) -> None:
        if left is None:
            return
        if left <= 1:
            del self._left[index]
        else:
            self._left[index] = (fault, left - 1)
