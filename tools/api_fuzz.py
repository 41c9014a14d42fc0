"""Lets schemathesis try whatever the API's description allows, and more, on a demo of its own. `make api-fuzz`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from bot.demo_service import running
from bot.settings import Settings

TOKEN = "of-this-run-only"  # noqa: S105
CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance"
EXAMPLES = "10"  # of each operation in each phase; two minutes in all


async def fuzz() -> int:
    """The exit status of schemathesis: 0 where no response broke the description."""
    settings = Settings(port=0, admin_tokens={"fuzz": SecretStr(TOKEN)}, log_level="error")
    async with running(settings) as (base, _):
        api = f"{base}/api/v1"
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{api}/openapi.json", "--url", api,
            "-H", f"Authorization: Bearer {TOKEN}", "--checks", CHECKS, "-n", EXAMPLES,
            "--suppress-health-check", "all", *sys.argv[1:],
        )  # fmt: skip
        return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(fuzz()))
