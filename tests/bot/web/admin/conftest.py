from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.bot.web.admin.desk import Browser, Service, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with running(tmp_path_factory.mktemp("data")) as service:
        yield service


@pytest_asyncio.fixture(loop_scope="module")
async def admin(service: Service) -> AsyncIterator[Browser]:
    """The browser of somebody who has signed in."""
    async with service.admin() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(service: Service) -> AsyncIterator[Browser]:
    async with service.stranger() as browser:
        yield browser
