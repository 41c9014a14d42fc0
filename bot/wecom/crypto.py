"""Signing, opening and sealing of callbacks: pure functions on bytes.

The scheme is https://developer.work.weixin.qq.com/document/path/91144. Where the usual libraries are lax
(padding, base64, comparison of signatures) this is strict.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.wecom.errors import BadSignature, MalformedEnvelope, WrongReceiver

PAD_BLOCK = 32  # bytes: PKCS#7 pads to twice the AES block
PREFIX = 16  # random bytes in front of every plaintext
HEAD = PREFIX + 4  # ... and the length of the message, big-endian

_TOKEN = re.compile(r"[a-zA-Z0-9]{1,32}")
_AES_KEY = re.compile(r"[a-zA-Z0-9]{43}")
_RECEIVE_ID = re.compile(r"[a-zA-Z0-9_.-]{0,64}")


class Sealed(NamedTuple):
    encrypted: str  # base64
    signature: str  # 40 lower-case hex digits


class Envelope:
    """The outer layer of one app's callbacks. Holds secrets and shows none. For one thread."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        """
        :param token: at most 32 letters and digits
        :param aes_key: the EncodingAESKey, exactly 43 letters and digits
        :param receive_id: the corporation id; empty for a smart robot
        :raises ValueError: if one of them cannot be right; says which, never its value
        """
        if not _TOKEN.fullmatch(token):
            raise ValueError("the callback token must be 1 to 32 letters and digits")
        if not _AES_KEY.fullmatch(aes_key):
            raise ValueError("the EncodingAESKey must be exactly 43 letters and digits")
        if not _RECEIVE_ID.fullmatch(receive_id):
            raise ValueError("the corporation id must be letters, digits, '_', '-' and '.' only")
        key = b64decode(aes_key + "=")  # 43 digits carry 2 stray bits: real keys are often not canonical
        self._token = token.encode()
        self._receive_id = receive_id.encode()
        self._cipher = Cipher(AES(key), CBC(key[:16]))
        # One for all messages: what it chains from the one before changes the next one's random prefix alone.
        self._decryptor = self._cipher.decryptor()

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The lower-case hex SHA-1 of token, timestamp, nonce and ciphertext in the order of their bytes."""
        parts = sorted([self._token, _bytes(timestamp), _bytes(nonce), _bytes(encrypted)])
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()  # the platform prescribes SHA-1

    def verify(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """:raises BadSignature: unless the signature is the right one, found out in constant time"""
        if not hmac.compare_digest(_bytes(signature), self.signature(timestamp, nonce, encrypted).encode()):
            raise BadSignature("the callback's signature is not right")

    def open(self, encrypted: str) -> bytes:
        """The plaintext of base64 ciphertext. Check the signature first.

        :raises MalformedEnvelope: if base64, length or padding is not exactly right
        :raises WrongReceiver: if it was sealed for another corporation
        """
        plain = _unpad(self._decryptor.update(_ciphertext(encrypted)))
        end = HEAD + int.from_bytes(plain[PREFIX:HEAD], "big")
        if len(plain) < HEAD or end > len(plain):
            raise MalformedEnvelope("the message is shorter than it says")
        if plain[end:] != self._receive_id:
            raise WrongReceiver("the callback was sealed for another receiver")
        return plain[HEAD:end]

    def seal(self, plain: bytes, timestamp: str, nonce: str, random16: bytes) -> Sealed:
        """The opposite of `open`, signed.

        :param random16: 16 unpredictable bytes (the caller's, so that this stays pure)
        """
        if len(random16) != PREFIX:
            raise ValueError(f"the random prefix must have {PREFIX} bytes")
        encryptor = self._cipher.encryptor()
        padded = _pad(random16 + len(plain).to_bytes(4, "big") + plain + self._receive_id)
        encrypted = b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
        return Sealed(encrypted, self.signature(timestamp, nonce, encrypted))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # nothing that arrives in a URL may make the check itself fail


def _ciphertext(encrypted: str) -> bytes:
    try:
        raw = b64decode(encrypted)
    except ValueError:
        raise MalformedEnvelope("the ciphertext is not base64") from None
    if b64encode(raw).decode() != encrypted:  # the decoder skips what it does not know; this catches all of it
        raise MalformedEnvelope("the ciphertext is not strict base64")
    if not raw or len(raw) % PAD_BLOCK:
        raise MalformedEnvelope(f"the ciphertext is not a multiple of {PAD_BLOCK} bytes")
    return raw


def _pad(data: bytes) -> bytes:
    count = PAD_BLOCK - len(data) % PAD_BLOCK
    return data + bytes([count]) * count


def _unpad(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= PAD_BLOCK or not padded.endswith(bytes([count]) * count):
        raise MalformedEnvelope("the padding is not right")
    return padded[:-count]
