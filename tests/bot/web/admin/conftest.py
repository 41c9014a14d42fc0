from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
import pytest_asyncio

from tests.bot.web.admin.desk import Browser, Service, running
from tests.conftest import ON_POSTGRES, schema


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", ON_POSTGRES])
async def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    with schema() if request.param == "postgres" else nullcontext() as url:
        configured = {"database_url": url} if url else {}
        async with running(tmp_path_factory.mktemp("data"), **configured) as service:
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
