"""The yardstick: aiohttp and wechatpy, decrypting each message and answering a fixed text. `python -m benchmarks.bare PORT`."""

from __future__ import annotations

import sys

from aiohttp import web
from wechatpy.enterprise import create_reply, parse_message
from wechatpy.enterprise.crypto import WeChatCrypto

from benchmarks.load import APP

CRYPTO = WeChatCrypto(APP.token, APP.aes_key, APP.corp_id)


async def receive(request: web.Request) -> web.Response:
    query = request.query
    signature, timestamp, nonce = query["msg_signature"], query["timestamp"], query["nonce"]
    message = parse_message(CRYPTO.decrypt_message(await request.text(), signature, timestamp, nonce))
    reply = create_reply("收到", message).render()
    return web.Response(text=CRYPTO.encrypt_message(reply, nonce, timestamp), content_type="application/xml")


def main() -> None:
    app = web.Application()
    app.add_routes([web.post("/wecom/callback", receive)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
