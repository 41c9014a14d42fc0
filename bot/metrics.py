"""What operators watch, as Prometheus metrics: https://prometheus.io/docs/practices/naming/"""

from __future__ import annotations

from collections import Counter as CounterOf
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.0, 5.0)  # s; the platform waits 5


class Metrics:
    """One process's figures. The database's are the same on every replica: take their maximum, not their sum."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "pilotbot_messages", "Messages and events by how they ended", ("channel", "kind", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "pilotbot_message_seconds", "Time to a passive reply", ("channel",), buckets=BUCKETS, registry=self.registry
        )
        self._refused = Counter(
            "pilotbot_callbacks_refused", "Callbacks that were not genuine or not readable", ("status",),
            registry=self.registry,
        )  # fmt: skip
        self._responses = Counter("pilotbot_http_responses", "Responses by status", ("status",), registry=self.registry)
        # Looking labels up takes longer than counting.
        self._of = cache(lambda *labels: (self._messages.labels(*labels), self._seconds.labels(labels[0])))
        self._responded: CounterOf[int] = CounterOf()  # by status, since they were last told: counting takes a lock
        self._platform = Counter(
            "pilotbot_platform_calls", "Calls of the platform's API by errcode (0: done, none: no answer)", ("errcode",),
            registry=self.registry,
        )  # fmt: skip
        self.index_measures = self._gauge("pilotbot_index_measures", "Measures in force in the index that answers")
        self.index_version = self._gauge("pilotbot_index_version", "Version of the knowledge that answers")
        self.knowledge_version = self._gauge("pilotbot_knowledge_version", "Version of the knowledge in the database")
        self.index_age = self._gauge("pilotbot_index_age_seconds", "Time since the index was built")
        self.journal = self._gauge("pilotbot_journal_pending", "Records of answers that wait to be written")
        self.journal_age = self._gauge("pilotbot_journal_oldest_seconds", "How long the oldest of these records waits")
        self.database = self._gauge("pilotbot_database_up", "1 while the database answers")
        self.outbox = Gauge(
            "pilotbot_outbox_deliveries",
            "Deliveries to people that are not settled",
            ("state",),
            registry=self.registry,
        )
        self.outbox_age = self._gauge("pilotbot_outbox_oldest_due_seconds", "How long the oldest due delivery waits")
        self.quota_left = self._gauge(
            "pilotbot_quota_left", "Messages that the app may still send today; NaN: no limit"
        )

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(name, words, registry=self.registry)

    def answered(self, channel: str, kind: str, outcome: str, seconds: float) -> None:
        """One message or event."""
        counted, timed = self._of(channel, kind, outcome)
        counted.inc()
        timed.observe(seconds)

    def refused(self, status: int) -> None:
        """One callback that was turned away."""
        self._refused.labels(str(status)).inc()

    def responded(self, status: int) -> None:
        """One HTTP response."""
        self._responded[status] += 1

    def called(self, errcode: int | None) -> None:
        """One call of the platform, with its code; None where it gave no readable answer."""
        self._platform.labels("none" if errcode is None else str(errcode)).inc()

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        for status, number in self._responded.items():
            self._responses.labels(str(status)).inc(number)
        self._responded.clear()
        return generate_latest(self.registry)
