"""A certificate for the loopback, made on the spot: no tool, no package, no key in the repository."""

import base64
import hashlib
import secrets
import ssl
from pathlib import Path

# The curve P-256
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int]

EC_KEY = bytes.fromhex("06072a8648ce3d0201")
P256 = bytes.fromhex("06082a8648ce3d030107")
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
COMMON_NAME = bytes.fromhex("0603550403")
KEY_ID = bytes.fromhex("0603551d0e")
KEY_USAGE = bytes.fromhex("0603551d0f")
ALT_NAMES = bytes.fromhex("0603551d11")
CONSTRAINTS = bytes.fromhex("0603551d13")
YES = b"\x01\x01\xff"


def _add(a: Point | None, b: Point | None) -> Point | None:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _times(number: int) -> Point:
    total: Point | None = None
    step: Point | None = G
    while number:
        if number & 1:
            total = _add(total, step)
        step = _add(step, step)
        number >>= 1
    assert total is not None
    return total


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def _integer(number: int) -> bytes:
    return _der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _signature(key: int, data: bytes) -> bytes:
    nonce = secrets.randbelow(N - 1) + 1
    r = _times(nonce)[0] % N
    digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
    return _sequence(_integer(r), _integer(pow(nonce, -1, N) * (digest + r * key) % N))


def _extensions(public: bytes) -> bytes:
    names = _sequence(_der(0x82, b"localhost"), _der(0x87, bytes([127, 0, 0, 1])))
    return _sequence(
        _sequence(ALT_NAMES, _der(4, names)),
        _sequence(CONSTRAINTS, YES, _der(4, _sequence(YES))),
        _sequence(KEY_USAGE, YES, _der(4, bytes.fromhex("03020284"))),
        _sequence(KEY_ID, _der(4, _der(4, hashlib.sha1(public, usedforsecurity=False).digest()))),
    )


def _pem(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"


def make_certificate(directory: Path) -> Path:
    """A file with a fresh key and a self-made certificate for 127.0.0.1 and localhost."""
    key = secrets.randbelow(N - 1) + 1
    x, y = _times(key)
    public = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    name = _sequence(_der(0x31, _sequence(COMMON_NAME, _der(0x0C, b"fake tiktok"))))
    algorithm = _sequence(ECDSA_SHA256)
    body = _sequence(
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(63) | 1),
        algorithm,
        name,
        _sequence(_der(0x17, b"200101000000Z"), _der(0x17, b"491231235959Z")),
        name,
        _sequence(_sequence(EC_KEY, P256), _der(3, b"\0", public)),
        _der(0xA3, _extensions(public)),
    )
    certificate = _sequence(body, algorithm, _der(3, b"\0", _signature(key, body)))
    private = _sequence(_integer(1), _der(4, key.to_bytes(32, "big")), _der(0xA0, P256))
    file = directory / "fake_tiktok.pem"
    file.write_text(_pem("CERTIFICATE", certificate) + _pem("EC PRIVATE KEY", private))
    file.chmod(0o600)
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def client_context(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)
