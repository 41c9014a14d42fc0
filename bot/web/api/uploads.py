"""Files that come in as multipart/form-data (RFC 7578), within bounds."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import PurePath

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import ValidationError

from bot.web.api.operations import Body, Upload
from bot.web.api.problems import Problem

MEDIA_TYPE = "multipart/form-data"
FILE = "file"  # the field that holds a file; may be there several times
MOST_BYTES = 40 * 1024 * 1024  # of all files together
MOST_PARTS = 50
LONGEST_FIELD = 1000  # bytes
SECONDS = 120.0  # for the whole upload


async def received(request: web.Request, shape: type[Body]) -> Upload:
    """:raises Problem: no files, too many or too large ones, or a field with no possible value."""
    if request.content_type != MEDIA_TYPE:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {MEDIA_TYPE} with the files as '{FILE}'")
    try:
        async with asyncio.timeout(SECONDS):
            files, fields = await _parts(request)
    except TimeoutError:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the files took too long to arrive") from None
    except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError):  # of aiohttp, for bad bodies
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body is not {MEDIA_TYPE}") from None
    if not files:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"there is no file: send it as '{FILE}', with a name")
    try:
        return Upload(tuple(files), shape.model_validate(fields, strict=False))
    except ValidationError as error:
        raise Problem.of(HTTPStatus.UNPROCESSABLE_ENTITY, "a field has no possible value", error) from None


async def _parts(request: web.Request) -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    files: list[tuple[str, bytes]] = []
    fields: dict[str, str] = {}
    room = MOST_BYTES
    reader = await request.multipart()
    for _ in range(MOST_PARTS):
        part = await reader.next()
        if part is None:
            return files, fields
        if not isinstance(part, BodyPartReader):
            raise ValueError("parts inside parts")
        data = await _content(part, room if part.name == FILE else LONGEST_FIELD)
        if part.name == FILE:
            room -= len(data)
            files.append((_file_name(part.filename), data))
        else:
            fields[part.name or ""] = data.decode()
    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MOST_PARTS} parts at once")


async def _content(part: BodyPartReader, room: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > room:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {room} bytes")
    return bytes(data)


def _file_name(given: str | None) -> str:
    """The last part of a path, printable: it is quoted in answers and logs."""
    name = PurePath((given or "").replace("\\", "/")).name
    return "".join(c for c in name if c.isprintable())[:100] or FILE
