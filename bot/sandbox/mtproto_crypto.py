"""The secrets of the sandbox's Telegram: its RSA key, the key exchange, message envelopes, SRP.

Server side of https://core.telegram.org/mtproto/auth_key, /description and /api/srp. Every codec
and type is Telethon's own, so what the tests exercise is what the product runs. Nothing here is
secret: the numbers are public on purpose and good for loopback only.
"""

import os
import time
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha1, sha256
from typing import Any, Final

from telethon import password as srp
from telethon.crypto import rsa as telethon_rsa
from telethon.crypto.aes import AES
from telethon.crypto.authkey import AuthKey
from telethon.extensions.binaryreader import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import functions, types

# These parts of Telethon carry no types at all.
_aes: Final[Any] = AES
_auth_key: Final[Any] = AuthKey
_calc_key: Final[Any] = MTProtoState._calc_key
_key_data: Final[Any] = generate_key_data_from_nonce
_reader: Final[Any] = BinaryReader
_rsa: Final[Any] = telethon_rsa
_srp: Final[Any] = srp

# The two largest primes below 2^1024 that make a usable modulus, known by heart the world over.
_RSA_P: Final = 2**1024 - 105
_RSA_Q: Final = 2**1024 - 179
_RSA_N: Final = _RSA_P * _RSA_Q
_RSA_E: Final = 65537

# Telegram's own 2048-bit safe prime. Telethon tests any *other* prime of a password check by
# factoring it, which never ends, so the sandbox has to use this one; the key exchange shares it.
_PRIME_BYTES: Final = bytes.fromhex(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f"
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37"
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4"
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754"
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b"
)
_PRIME: Final = int.from_bytes(_PRIME_BYTES, "big")
_G: Final = 3

# The client has to factor it by trial, so the primes are small; it reads the number as signed,
# hence eight bytes with a leading zero.
_PQ: Final = (1_000_003 * 1_000_033).to_bytes(8, "big")


@cache
def _private_exponent() -> int:
    return pow(_RSA_E, -1, (_RSA_P - 1) * (_RSA_Q - 1))


def _public_key() -> Any:
    return _rsa.rsa.PublicKey(_RSA_N, _RSA_E)


def _fingerprint() -> int:
    """What the server calls its key when it offers it."""
    return int(_rsa._compute_fingerprint(_public_key()))


def trust_server_key() -> None:
    """Make Telethon, in this process, accept the sandbox in a *key exchange*.

    Needed for a login only: a session made by `session_string` or `write_session` holds its key
    already and never exchanges one.
    """
    _rsa.add_key(_public_key().save_pkcs1(), old=False)


def new_auth_key() -> bytes:
    """A ready authorization key, as if the exchange had happened before."""
    # A leading zero byte would be lost wherever the key passes through a number.
    return b"\x01" + os.urandom(255)


def read_object(data: bytes) -> Any:
    """The TL object that the data starts with; Telethon's TypeNotFoundError if it is unknown."""
    with _reader(data) as reader:
        return reader.tgread_object()


def read_bytes(data: bytes) -> bytes:
    """The TL byte string that the data starts with."""
    with _reader(data) as reader:
        value: bytes = reader.tgread_bytes()
        return value


def key_id(key: bytes) -> int:
    """What names an authorization key in every packet made with it; never 0."""
    return int.from_bytes(sha1(key).digest()[-8:], "little")


class ExchangeError(Exception):
    """The client broke the rules of the key exchange; the real server hangs up."""


@dataclass(slots=True, kw_only=True)
class KeyExchange:
    """One client's way to an authorization key: three plain requests in order.

    `answer` takes a request and gives the reply; after the last one `key` holds the result.
    """

    key: bytes | None = None
    _nonce: int = 0
    _server_nonce: int = 0
    _new_nonce: int = 0
    _secret: int = 0
    _temporary: tuple[bytes, bytes] = field(default=(b"", b""))

    def answer(self, request: Any) -> Any:
        match request:
            case functions.ReqPqMultiRequest() | functions.ReqPqRequest():
                return self._offer_pq(request)
            case functions.ReqDHParamsRequest():
                return self._offer_half(request)
            case functions.SetClientDHParamsRequest():
                return self._agree(request)
            case _:
                raise ExchangeError(f"{type(request).__name__} is no part of a key exchange")

    def _offer_pq(self, request: Any) -> Any:
        self._nonce = request.nonce
        self._server_nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        return types.ResPQ(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            pq=_PQ,
            server_public_key_fingerprints=[_fingerprint()],
        )

    def _offer_half(self, request: Any) -> Any:
        self._check_nonces(request)
        cipher = int.from_bytes(request.encrypted_data, "big")
        plain = pow(cipher, _private_exponent(), _RSA_N).to_bytes(256, "big")
        # One zero byte, the hash, the data, random padding.
        inner = read_object(plain[21:])
        if sha1(bytes(inner)).digest() != plain[1:21]:
            raise ExchangeError("p_q_inner_data does not match its hash")
        self._check_nonces(inner)
        self._new_nonce = inner.new_nonce
        self._temporary = _key_data(self._server_nonce, self._new_nonce)
        self._secret = int.from_bytes(os.urandom(256), "big")
        half = bytes(
            types.ServerDHInnerData(
                nonce=self._nonce,
                server_nonce=self._server_nonce,
                g=_G,
                dh_prime=_PRIME_BYTES,
                g_a=pow(_G, self._secret, _PRIME).to_bytes(256, "big"),
                # Wall time and not the world's clock: message ids are checked against it.
                server_time=int(time.time()),
            )
        )
        return types.ServerDHParamsOk(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            encrypted_answer=_aes.encrypt_ige(sha1(half).digest() + half, *self._temporary),
        )

    def _agree(self, request: Any) -> Any:
        self._check_nonces(request)
        if not self._new_nonce:
            raise ExchangeError("set_client_DH_params came before req_DH_params")
        plain = _aes.decrypt_ige(request.encrypted_data, *self._temporary)
        inner = read_object(plain[20:])
        if sha1(bytes(inner)).digest() != plain[:20]:
            raise ExchangeError("client_DH_inner_data does not match its hash")
        shared = pow(int.from_bytes(inner.g_b, "big"), self._secret, _PRIME)
        # Telethon drops leading zero bytes from the key: one key in 256 is shorter for it.
        self.key = shared.to_bytes((shared.bit_length() + 7) // 8, "big")
        return types.DhGenOk(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            new_nonce_hash1=_auth_key(self.key).calc_new_nonce_hash(self._new_nonce, 1),
        )

    def _check_nonces(self, request: Any) -> None:
        if (request.nonce, request.server_nonce) != (self._nonce, self._server_nonce):
            raise ExchangeError("the nonces are not of this exchange")


def key_id_of(packet: bytes) -> int:
    """The first eight bytes of every packet; zero means a plain one."""
    return int.from_bytes(packet[:8], "little")


def open_envelope(key: bytes, packet: bytes) -> bytes | None:
    """Decrypt what a client sent; None if it was not made with this key or was tampered with.

    The result starts with salt, session id, message id, sequence number and length, and ends in
    padding.
    """
    message_key = packet[8:24]
    aes_key, aes_iv = _calc_key(key, message_key, True)
    plain: bytes = _aes.decrypt_ige(packet[24:], aes_key, aes_iv)
    return plain if sha256(key[88:120] + plain).digest()[8:24] == message_key else None


def seal_envelope(key: bytes, data: bytes) -> bytes:
    """Encrypt `data` (salt, session id, then one message) the way a server does."""
    padded = data + os.urandom(-(len(data) + 12) % 16 + 12)
    message_key = sha256(key[96:128] + padded).digest()[8:24]
    aes_key, aes_iv = _calc_key(key, message_key, False)
    sealed: bytes = _aes.encrypt_ige(padded, aes_key, aes_iv)
    return key_id(key).to_bytes(8, "little") + message_key + sealed


class PasswordCheck:
    """Server side of one password check (SRP 2048), at https://core.telegram.org/api/srp."""

    def __init__(self, password: str) -> None:
        self.algo = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            salt1=os.urandom(8), salt2=os.urandom(8), g=_G, p=_PRIME_BYTES
        )
        exponent = int.from_bytes(_srp.compute_hash(self.algo, password), "big")
        self.srp_id = int.from_bytes(os.urandom(7), "big")
        self._verifier = pow(_G, exponent, _PRIME)
        self._secret = int.from_bytes(os.urandom(256), "big")
        multiplier = int.from_bytes(_srp.sha256(_PRIME_BYTES, _srp.big_num_for_hash(_G)), "big")
        public = multiplier * self._verifier + pow(_G, self._secret, _PRIME)
        self.public: bytes = _srp.big_num_for_hash(public % _PRIME)

    def accepts(self, answer: Any) -> bool:
        """Whether an `InputCheckPasswordSRP` was computed from the right password."""
        if not isinstance(answer, types.InputCheckPasswordSRP) or answer.srp_id != self.srp_id:
            return False
        blend = int.from_bytes(_srp.sha256(answer.A, self.public), "big")
        client = int.from_bytes(answer.A, "big")
        shared = pow(client * pow(self._verifier, blend, _PRIME), self._secret, _PRIME)
        expected = _srp.sha256(
            _srp.xor(_srp.sha256(_PRIME_BYTES), _srp.sha256(_srp.big_num_for_hash(_G))),
            _srp.sha256(self.algo.salt1),
            _srp.sha256(self.algo.salt2),
            answer.A,
            self.public,
            _srp.sha256(_srp.big_num_for_hash(shared)),
        )
        return bool(expected == answer.M1)
