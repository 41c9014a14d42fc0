"""Which files media/upload takes. Pure.

Rules: https://developer.work.weixin.qq.com/document/path/90253
"""

from __future__ import annotations

from bot.demo.corporation import Media
from bot.demo.model import ApiError

FIELD_NAME = "media"
LEAST_BYTES = 6  # 'more than 5 bytes'
MAX_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
VOICE_START = b"#!AMR"

BAD_TYPE = 40005
TOO_SMALL = 40006
BAD_PICTURE = 40123
EMPTY = 44001
TOO_LARGE = 45001
NOT_AMR = 301017


def check_media(media: Media) -> None:
    """:raises ApiError: as the platform refuses it."""
    if media.kind not in MAX_BYTES:
        raise ApiError(BAD_TYPE, "invalid file type")
    if not media.data:
        raise ApiError(EMPTY, "empty media data")
    if len(media.data) < LEAST_BYTES:
        raise ApiError(TOO_SMALL, "invalid file size")
    if len(media.data) > MAX_BYTES[media.kind]:
        raise ApiError(TOO_LARGE, "media file is too large")
    if media.kind == "image" and not media.data.startswith(PICTURE_STARTS):
        raise ApiError(BAD_PICTURE, "image should be jpg or png")
    if media.kind == "voice" and not media.data.startswith(VOICE_START):
        raise ApiError(NOT_AMR, "voice should be amr")
