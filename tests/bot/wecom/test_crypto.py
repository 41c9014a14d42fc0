from __future__ import annotations

import re
from base64 import b64decode, b64encode
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.wecom.crypto import Envelope, _unpad
from bot.wecom.errors import BadSignature, CallbackError, MalformedEnvelope, WecomError, WrongReceiver
from bot.wecom.messages import parse_request
from tests.bot.wecom.vectors import (
    AES_KEY,
    ALIGNED,
    ALL,
    APP,
    CORP_ID,
    ROBOT,
    TEXT,
    TEXT_XML,
    TOKEN,
    URL_CHECK,
    Vector,
)

PREFIX = b"0123456789abcdef"
KEY = bytes.fromhex("69b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3d0010831051")

vectors = pytest.mark.parametrize("vector", ALL.values(), ids=ALL.keys())


def encrypted_as_is(padded: bytes) -> str:
    """Ciphertext of exactly these bytes, however wrong they are."""
    encryptor = Cipher(AES(KEY), CBC(KEY[:16])).encryptor()
    return b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def padded(plain: bytes) -> bytes:
    count = 32 - len(plain) % 32
    return plain + bytes([count]) * count


def framed(message: bytes, length: int | None = None, receive_id: str = CORP_ID) -> bytes:
    claimed = len(message) if length is None else length
    return PREFIX + claimed.to_bytes(4, "big") + message + receive_id.encode()


@vectors
def test_known_callbacks_are_verified_and_opened(vector: Vector) -> None:
    vector.envelope.verify(vector.signature, vector.timestamp, vector.nonce, vector.encrypted)
    plain = vector.envelope.open(vector.encrypted)
    assert vector.plain in (None, plain)
    assert plain


@pytest.mark.parametrize("vector", [TEXT, URL_CHECK, ALIGNED])
def test_sealing_gives_the_known_bytes(vector: Vector) -> None:
    assert vector.plain is not None
    assert vector.prefix is not None
    sealed = vector.envelope.seal(vector.plain, vector.timestamp, vector.nonce, vector.prefix)
    assert sealed == (vector.encrypted, vector.signature)


def test_an_aligned_message_gets_a_whole_block_of_padding() -> None:
    assert len(b64decode(ALIGNED.encrypted)) == 64 + 32


@vectors
@pytest.mark.parametrize("wrong", ["", "0" * 40, "é", "\udc80", "签名"])
def test_a_wrong_signature_is_refused_whatever_it_holds(vector: Vector, wrong: str) -> None:
    with pytest.raises(BadSignature):
        vector.envelope.verify(wrong, vector.timestamp, vector.nonce, vector.encrypted)


@vectors
def test_an_upper_case_signature_is_refused(vector: Vector) -> None:
    with pytest.raises(BadSignature):
        vector.envelope.verify(vector.signature.upper(), vector.timestamp, vector.nonce, vector.encrypted)


def test_every_signed_part_counts() -> None:
    good = (TEXT.timestamp, TEXT.nonce, TEXT.encrypted)
    for index in range(3):
        parts = list(good)
        parts[index] += "0"
        with pytest.raises(BadSignature):
            APP.verify(TEXT.signature, *parts)


def test_a_plus_that_arrives_as_a_space_is_refused_by_signature_and_by_base64() -> None:
    spoilt = URL_CHECK.encrypted.replace("+", " ")
    assert spoilt != URL_CHECK.encrypted
    with pytest.raises(BadSignature):
        APP.verify(URL_CHECK.signature, URL_CHECK.timestamp, URL_CHECK.nonce, spoilt)
    with pytest.raises(MalformedEnvelope):
        APP.open(spoilt)


def test_another_corporation_is_refused_even_if_only_a_letters_case_differs() -> None:
    with pytest.raises(WrongReceiver):
        Envelope(TOKEN, AES_KEY, "ww0123456789abcdeF").open(TEXT.encrypted)
    with pytest.raises(WrongReceiver):
        ROBOT.open(TEXT.encrypted)


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "A",
        "A===",
        "你好",
        "\ud800",
        TEXT.encrypted.rstrip("="),
        TEXT.encrypted + "=",
        TEXT.encrypted + "\n",
        TEXT.encrypted[:76] + "\n" + TEXT.encrypted[76:],
        TEXT.encrypted[:4] + "!" + TEXT.encrypted[4:],
        TEXT.encrypted.replace("+", "-").replace("/", "_"),
        TEXT.encrypted[:-3] + "B==",  # stray bits
        TEXT.encrypted + TEXT.encrypted,
    ],
)
def test_base64_that_is_not_strict_is_malformed(encrypted: str) -> None:
    with pytest.raises(MalformedEnvelope):
        APP.open(encrypted)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 33, 48, 80])
def test_ciphertext_must_be_a_multiple_of_32_bytes(size: int) -> None:
    with pytest.raises(MalformedEnvelope):
        APP.open(b64encode(b"x" * size).decode())


def test_random_ciphertext_is_refused() -> None:
    with pytest.raises(CallbackError):
        APP.open(b64encode(bytes(range(96))).decode())


def test_every_byte_of_the_padding_counts() -> None:
    good = padded(framed(TEXT_XML))
    assert APP.open(encrypted_as_is(good)) == TEXT_XML
    for place in range(2, good[-1] + 1):
        spoilt = bytearray(good)
        spoilt[-place] ^= 1
        with pytest.raises(MalformedEnvelope):
            APP.open(encrypted_as_is(bytes(spoilt)))


@pytest.mark.parametrize("last", [0, 33, 64, 255])
def test_an_impossible_padding_length_is_malformed(last: int) -> None:
    with pytest.raises(MalformedEnvelope):
        APP.open(encrypted_as_is(bytes([last]) * 128))


def test_a_plaintext_without_room_for_its_length_is_malformed() -> None:
    with pytest.raises(MalformedEnvelope):
        APP.open(encrypted_as_is(padded(PREFIX + b"\0\0\0")))


@pytest.mark.parametrize("length", [2**32 - 1, 1000, 60])
def test_a_message_shorter_than_it_says_is_malformed(length: int) -> None:
    with pytest.raises(MalformedEnvelope):
        APP.open(encrypted_as_is(padded(framed(b"hello", length))))


@pytest.mark.parametrize("length", [0, 4, 6, 5 + len(CORP_ID)])
def test_a_length_that_moves_the_receiver_is_refused(length: int) -> None:
    with pytest.raises(WrongReceiver):
        APP.open(encrypted_as_is(padded(framed(b"hello", length))))


@pytest.mark.parametrize(
    ("token", "aes_key", "receive_id"),
    [
        ("", AES_KEY, CORP_ID),
        ("t" * 33, AES_KEY, CORP_ID),
        ("token\n", AES_KEY, CORP_ID),
        ("tokén", AES_KEY, CORP_ID),
        (TOKEN, "", CORP_ID),
        (TOKEN, AES_KEY[:42], CORP_ID),
        (TOKEN, AES_KEY + "a", CORP_ID),
        (TOKEN, AES_KEY + "\n", CORP_ID),
        (TOKEN, AES_KEY[:42] + "\n", CORP_ID),
        (TOKEN, AES_KEY[:42] + "+", CORP_ID),
        (TOKEN, AES_KEY[:42] + "１", CORP_ID),
        (TOKEN, AES_KEY, CORP_ID + "\n"),
        (TOKEN, AES_KEY, "某公司"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_without_being_shown(
    token: str, aes_key: str, receive_id: str
) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        Envelope(token, aes_key, receive_id)
    assert AES_KEY[:42] not in str(caught.value)


def test_an_envelope_does_not_show_its_secrets() -> None:
    assert TOKEN not in repr(APP)
    assert AES_KEY not in repr(APP)


def test_the_random_prefix_must_have_16_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        APP.seal(b"", "1", "2", b"short")


@given(st.binary(max_size=500), st.binary(min_size=16, max_size=16), st.sampled_from([APP, ROBOT]))
def test_whatever_is_sealed_is_opened_again(plain: bytes, prefix: bytes, envelope: Envelope) -> None:
    encrypted, signature = envelope.seal(plain, "1700000000", "nonce", prefix)
    envelope.verify(signature, "1700000000", "nonce", encrypted)
    assert envelope.open(encrypted) == plain
    assert len(b64decode(encrypted)) % 32 == 0


@given(st.text(), st.text(), st.text(), st.text())
def test_no_signature_makes_the_check_itself_fail(signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
    with pytest.raises(BadSignature):
        APP.verify(signature, timestamp, nonce, encrypted)


@given(st.data())
def test_any_change_to_the_ciphertext_breaks_the_signature_and_never_raises_anything_else(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TEXT.encrypted) - 1))
    char = data.draw(st.characters().filter(lambda c: c != TEXT.encrypted[place]))
    spoilt = TEXT.encrypted[:place] + char + TEXT.encrypted[place + 1 :]
    with pytest.raises(BadSignature):
        APP.verify(TEXT.signature, TEXT.timestamp, TEXT.nonce, spoilt)
    with suppress(WecomError):
        APP.open(spoilt)


@given(st.one_of(st.text(), st.binary().map(lambda raw: b64encode(raw).decode())))
def test_opening_anything_raises_only_our_errors(encrypted: str) -> None:
    with pytest.raises(CallbackError):
        APP.open(encrypted)


@given(st.binary(min_size=32, max_size=128).map(lambda raw: raw[: len(raw) // 32 * 32]))
def test_any_plaintext_under_the_right_key_raises_only_our_errors(raw: bytes) -> None:
    with pytest.raises(CallbackError):
        APP.open(encrypted_as_is(raw))


@given(st.binary(min_size=1, max_size=96))
def test_unpadding_undoes_padding_only(raw: bytes) -> None:
    assert _unpad(padded(raw)) == raw


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300), st.integers(1, 2**31))
def test_wechatpy_opens_what_we_seal(text: str, timestamp: int) -> None:
    sealed = APP.seal(text.encode(), str(timestamp), "nonce", PREFIX)
    theirs = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    opened = theirs.decrypt_message({"Encrypt": sealed.encrypted}, sealed.signature, str(timestamp), "nonce")
    assert opened == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300))
def test_we_open_what_wechatpy_seals(text: str) -> None:
    theirs = WeChatCrypto(TOKEN, AES_KEY, CORP_ID).encrypt_message(text, "nonce", "1700000000")
    signature = re.search(r"<MsgSignature><!\[CDATA\[(.*)]]>", theirs)
    assert signature
    encrypted = parse_request(theirs.encode()).encrypt
    APP.verify(signature[1], "1700000000", "nonce", encrypted)
    assert APP.open(encrypted) == text.encode()
