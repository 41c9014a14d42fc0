"""Callbacks with a known answer: some made with a fixed prefix, and the platform's published sample."""

from __future__ import annotations

from dataclasses import dataclass

from bot.wecom.crypto import Envelope

TOKEN = "pilotbotToken01"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"  # not canonical base64, like many real ones
CORP_ID = "ww0123456789abcdef"
AGENT_ID = 1000002

SAMPLE_TOKEN = "QDG6eK"
SAMPLE_AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SAMPLE_CORP_ID = "wx5823bf96d3bd56c7"


@dataclass(frozen=True)
class Vector:
    envelope: Envelope
    timestamp: str
    nonce: str
    encrypted: str
    signature: str
    plain: bytes | None = None  # None: too long to repeat here
    prefix: bytes | None = None  # None: not known


APP = Envelope(TOKEN, AES_KEY, CORP_ID)
ROBOT = Envelope(TOKEN, AES_KEY, "")
SAMPLE = Envelope(SAMPLE_TOKEN, SAMPLE_AES_KEY, SAMPLE_CORP_ID)

TEXT_XML = (
    f"<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[你好, pilot]]></Content><MsgId>7300000000000000001</MsgId><AgentID>1000002</AgentID></xml>"
).encode()

TEXT = Vector(
    APP,
    "1700000000",
    "1234567890",
    "Q3stYC6hdFzMh9T8HCvyDA5UtdOnBG9SGtMaVkeMuOINuP9MHAzi5lnZ4ciqe2cZy6VwHJLP6Gkg/cbfdi9FZq3kXOs3hRv39kwLbYnViu1BIY+z"
    "f7uI347gxXkDkJe3GUoo+iGT74FhWSUxWpyIbwzuBLOH1tB/tLMYcQaK22fXkwcuMdpxs3A1l3XrQrqk2GtOFjvfL6l53Fb7k/4Zfy3syxEikzaa"
    "6cMrClkcK7969TW6wlQz35ppik0e+EnzWoG/v/w/Mrxs/w/Jnyq887d8yVqZ6t1ibmH+8R6ngZSkpBIm3k5SdvnPtmuBIZMl1oAeCLAacYNjYFkB"
    "iZ3GXgifWvPYUX+vY7gVSmc+T01PNkARbo8J1li3JaL8erSGfKosHhJd4MwvWmWF1oceiZprrVt+0vEr63EasouJc6r7gpcnfGALvOIpzHfdBpL3"
    "YVsQZgMqGbtsfc7qPcJsGA==",
    "645173c1c0c0f92bf6d912b149c221ebe170bfb2",
    TEXT_XML,
    b"0123456789abcdef",
)
URL_CHECK = Vector(
    APP,
    "1700000001",
    "nonce-2",
    "ECb94sC68hxnidW1ycQhszvWwa1wibyu0lNq3J+8Q4FX7iWKvuKLMGbnbZcOs8Cz0k7PonDs5m6OP4FaYm0kPA==",
    "09bb58d8b52381786b3adfd221b2cc6c0c5b7aa9",
    b"6021093484729345",
    b"ABCDEFGHIJKLMNOP",
)
ALIGNED = Vector(
    ROBOT,
    "1700000002",
    "nonce-3",
    "Q3stYC6hdFzMh9T8HCvyDAv3TOsF8pXL+vNRH84lME2ufRbmVxvQb9jFVwsXnAc9U5eZ+DZIdEHPyRPHRIeeF5uI6XGXTlp1+mXOUrjYWXN+9jiC"
    "d2FolHgKkAw9xyN8",
    "4db13f7687759930a128d7de99fe8478468e5a6b",
    b'{"msgid":"m1","aibotid":"b1","x":"yyyyyyyy"}',
    b"0123456789abcdef",
)
SAMPLE_URL_CHECK = Vector(
    SAMPLE,
    "1409659589",
    "263014780",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    b"1616140317555161061",
)
SAMPLE_TEXT = Vector(
    SAMPLE,
    "1409659813",
    "1372623149",
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q==",
    "477715d11cdb4164915debcba66cb864d751f3e6",
)

ALL = {
    "text": TEXT,
    "url check": URL_CHECK,
    "aligned robot": ALIGNED,
    "published url check": SAMPLE_URL_CHECK,
    "published text": SAMPLE_TEXT,
}
