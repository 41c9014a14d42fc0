"""The platform's side of the encrypted callback: seals requests, opens and judges replies. Pure.

Encryption and signatures are wechatpy's, so that an app's own code meets an independent second opinion. Where
wechatpy is lax, the platform's checks are added here: strict base64, every padding byte, each field exactly once.
Rules: https://developer.work.weixin.qq.com/document/path/90968
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree import ElementTree

from wechatpy.crypto.cryptography import WeChatCipher
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException

from bot.demo import texts
from bot.demo.model import Account, ReplyError

BLOCK = 32  # bytes; PKCS#7 pads to this, twice the cipher's own block

Xml: TypeAlias = "str | int | float | Mapping[str, Xml] | Sequence[Xml]"


@dataclass(frozen=True, slots=True)
class Sealed:
    query: dict[str, str]  # msg_signature, timestamp, nonce
    encrypted: str  # base64


class Wire:
    """Seals and opens for one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._crypto = WeChatCrypto(account.token, account.aes_key, account.corp_id)

    def seal(self, plain: str, timestamp: str, nonce: str) -> Sealed:
        """Encrypts and signs; the ciphertext differs each time, as it starts with random bytes."""
        envelope = parse(self._crypto.encrypt_message(plain, nonce, timestamp))
        query = {"msg_signature": only(envelope, "MsgSignature"), "timestamp": timestamp, "nonce": nonce}
        return Sealed(query, only(envelope, "Encrypt"))

    def envelope(self, encrypted: str) -> str:
        """The body of a callback POST around a ciphertext."""
        account = self._account
        return to_xml("xml", {"ToUserName": account.corp_id, "AgentID": str(account.agent_id), "Encrypt": encrypted})

    def open(self, body: bytes) -> str:
        """The plaintext of a passive reply.

        :raises ReplyError: anything the platform would not accept.
        """
        envelope = parse(body)
        encrypted = only(envelope, "Encrypt")
        signature, nonce = only(envelope, "MsgSignature"), only(envelope, "Nonce")
        number(envelope, "TimeStamp")
        timestamp = only(envelope, "TimeStamp")  # signed as written
        raw = _strict_base64(encrypted)
        try:
            plain = self._crypto.decrypt_message({"Encrypt": encrypted}, signature, timestamp, nonce)
        except InvalidSignatureException:
            raise ReplyError(texts.BAD_SIGNATURE) from None
        except InvalidCorpIdException:
            raise ReplyError(texts.WRONG_RECEIVER) from None
        except (ValueError, IndexError, struct.error):
            raise ReplyError(texts.BAD_CIPHER) from None
        self._check_padding(raw)
        return str(plain)

    def _check_padding(self, raw: bytes) -> None:
        padded = WeChatCipher(self._crypto.key).decrypt(raw)
        length = padded[-1]
        if not 1 <= length <= BLOCK or padded[-length:] != bytes([length]) * length:
            raise ReplyError(texts.BAD_PADDING)


def _strict_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ReplyError(texts.BAD_BASE64) from None
    if not raw or len(raw) % BLOCK:
        raise ReplyError(texts.BAD_BASE64)
    return raw


def to_xml(tag: str, value: Xml) -> str:
    """Renders as the platform does: text in CDATA, numbers bare, a list as repeated elements, one element a line."""
    if isinstance(value, Mapping):
        return f"<{tag}>\n" + "".join(to_xml(name, inner) + "\n" for name, inner in value.items()) + f"</{tag}>"
    if isinstance(value, str):
        return f"<{tag}><![CDATA[{_printable(value).replace(']]>', ']]]]><![CDATA[>')}]]></{tag}>"
    if isinstance(value, int | float):
        return f"<{tag}>{value}</{tag}>"
    return "\n".join(to_xml(tag, item) for item in value)


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 cannot carry."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not _surrogate(c)))


def _surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def parse(body: str | bytes) -> ElementTree.Element:
    """:raises ReplyError: not well-formed, or the root is not `xml`."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  comes from the app under test; expat bounds entity expansion
    except (ElementTree.ParseError, ValueError):
        raise ReplyError(texts.NOT_XML) from None
    if root.tag != "xml":
        raise ReplyError(texts.NOT_XML)
    return root


def only(parent: ElementTree.Element, name: str) -> str:
    """:raises ReplyError: the child is missing, repeated or empty."""
    found = parent.findall(name)
    if len(found) != 1 or not found[0].text:
        raise ReplyError(texts.FIELD_COUNT.format(name=name))
    return found[0].text


def number(parent: ElementTree.Element, name: str) -> int:
    """:raises ReplyError: as `only`, or the text is not a plain decimal number."""
    text = only(parent, name)
    if not (text.isascii() and text.isdigit()):
        raise ReplyError(texts.BAD_NUMBER.format(name=name))
    return int(text)
