"""`pilotbot serve`: the service, until a signal."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial

from aiohttp import ClientSession

from bot import compose, logs
from bot.process import SHUTDOWN_SECONDS, bound, end_within, listening, port_of, until_signalled
from bot.settings import APP, SERVE, ConfigurationError, Settings, secret
from bot.web.admin.parts import Checked
from bot.web.answers import DRAIN_SECONDS, TELL_SECONDS
from bot.wecom.crypto import Envelope
from handlers.store.journal import CLOSE_SECONDS
from scheduler.engine import PATIENCE

Doctor = Callable[[Settings, ClientSession], Awaitable[Sequence[Checked]]]

ENDING_SECONDS = 2.0  # for closing what needs no waiting
# From the signal to the end of the process, at most: requests under way, late answers, calls of the platform, the journal.
STOPS_WITHIN = SHUTDOWN_SECONDS + DRAIN_SECONDS + TELL_SECONDS + PATIENCE + CLOSE_SECONDS + ENDING_SECONDS

log = logging.getLogger("pilotbot.service")


async def serve(settings: Settings, doctor: Doctor) -> None:
    """Runs until SIGTERM or SIGINT, then drains.

    :param doctor: examines the set-up for the admins' page.

    :raises ConfigurationError: a variable is missing or cannot be right.
    :raises CannotListen: the address is taken.
    :raises Unavailable: the database cannot be used.
    """
    settings.require(*SERVE)
    check_app(settings)
    logs.configure(settings.log_level, settings.log_format)
    if settings.clock is not None:
        log.warning("PILOTBOT_CLOCK is set: the service believes it is %s", settings.clock.isoformat())
    address = bound(settings.host, settings.port)
    with closing(address):
        async with compose.opened(settings, compose.clock_of(settings)) as core, ClientSession() as session:
            examine = partial(doctor, settings, session)
            app = compose.web_app(core, compose.wecom_for(core, session), examine=examine)
            async with listening(app, address):
                log.info("listening on %s:%d", settings.host, port_of(address))
                await until_signalled()
                log.info("draining")
                end_within(STOPS_WITHIN)


def check_app(settings: Settings) -> None:
    """:raises ConfigurationError: names the variable whose value the platform could not have given."""
    values = {"wecom_corp_id": settings.wecom_corp_id or "", **{n: secret(getattr(settings, n)) for n in APP[3:]}}
    sample = {"wecom_corp_id": "", "wecom_token": "token", "wecom_aes_key": "0" * 43}
    for name, value in values.items():
        given = sample | {name: value}
        try:
            Envelope(given["wecom_token"], given["wecom_aes_key"], given["wecom_corp_id"])
        except ValueError as error:
            raise ConfigurationError(f"PILOTBOT_{name.upper()}: {error}") from None
