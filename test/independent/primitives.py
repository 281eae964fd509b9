"""Hashes, signatures and CBOR that docs/formats.md §1 names, from their standards and with the standard library only. Slow and
plain on purpose: a second opinion, not a product."""

import hashlib

MAX_INT = 2**53 - 1


class Broken(Exception):
    """A check that failed."""


def need(condition, what):
    if not condition:
        raise Broken(what)


# --- SM3, GB/T 32905 -------------------------------------------------------------------------------------------------

M32 = 0xFFFFFFFF


def _rotl(x, n):
    n %= 32
    return ((x << n) | (x >> (32 - n))) & M32


def sm3(data):
    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    message = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for at in range(0, len(message), 64):
        w = [int.from_bytes(message[at + 4 * i : at + 4 * i + 4], "big") for i in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ _rotl(w[j - 3], 15)
            p1 = x ^ _rotl(x, 15) ^ _rotl(x, 23)
            w.append(p1 ^ _rotl(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = _rotl((_rotl(a, 12) + e + _rotl(t, j)) & M32, 7)
            ss2 = ss1 ^ _rotl(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & M32 & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & M32
            tt2 = (gg + h + ss1 + w[j]) & M32
            d, c, b, a = c, _rotl(b, 9), a, tt1
            h, g, f, e = g, _rotl(f, 19), e, tt2 ^ _rotl(tt2, 9) ^ _rotl(tt2, 17)
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)


def sha256(data):
    return hashlib.sha256(data).digest()


# --- Short Weierstrass curves: P-256 (FIPS 186-5) and SM2 (GB/T 32918.5), both with a = -3 ---------------------------


class Curve:
    def __init__(self, p, b, n, gx, gy):
        self.p, self.b, self.n, self.g = p, b, n, (gx, gy)

    def add(self, x, y):
        if x is None or y is None:
            return y if x is None else x
        (x1, y1), (x2, y2), p = x, y, self.p
        if x1 == x2:
            if (y1 + y2) % p == 0:
                return None
            slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, p) % p
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, p) % p
        x3 = (slope * slope - x1 - x2) % p
        return x3, (slope * (x1 - x3) - y1) % p

    def multiply(self, k, point):
        result = None
        while k:
            if k & 1:
                result = self.add(result, point)
            point = self.add(point, point)
            k >>= 1
        return result

    def decompress(self, data):
        """SEC 1 §2.3.4, compressed form only. None unless it is a point."""
        if len(data) != 33 or data[0] not in (2, 3):
            return None
        p, x = self.p, int.from_bytes(data[1:], "big")
        if x >= p:
            return None
        square = (x * x * x - 3 * x + self.b) % p
        y = pow(square, (p + 1) // 4, p)
        if y * y % p != square:
            return None
        return x, (y if y % 2 == data[0] % 2 else p - y)


P256 = Curve(
    0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SM2 = Curve(
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def _scalars(signature, n):
    if len(signature) != 64:
        return None
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return (r, s) if 0 < r < n and 0 < s < n else None


def verify_es256(key, message, signature):
    point, scalars = P256.decompress(key), _scalars(signature, P256.n)
    if point is None or scalars is None:
        return False
    r, s = scalars
    e, w = int.from_bytes(sha256(message), "big"), pow(s, -1, P256.n)
    found = P256.add(P256.multiply(e * w % P256.n, P256.g), P256.multiply(r * w % P256.n, point))
    return found is not None and found[0] % P256.n == r


def verify_sm2(key, message, signature, user_id):
    point, scalars = SM2.decompress(key), _scalars(signature, SM2.n)
    if point is None or scalars is None:
        return False
    parts = [SM2.p - 3, SM2.b, *SM2.g, *point]
    z = sm3((8 * len(user_id)).to_bytes(2, "big") + user_id + b"".join(x.to_bytes(32, "big") for x in parts))
    r, s = scalars
    t = (r + s) % SM2.n
    if t == 0:
        return False
    found = SM2.add(SM2.multiply(s, SM2.g), SM2.multiply(t, point))
    return found is not None and (int.from_bytes(sm3(z + message), "big") + found[0]) % SM2.n == r


# --- Ed25519, RFC 8032 §5.1, strict as docs/formats.md §1 says ------------------------------------------------------

EP = 2**255 - 19
EL = 2**252 + 27742317777372353535851937790883648493
ED = -121665 * pow(121666, -1, EP) % EP


def _ed_add(a, b):
    x1, y1, x2, y2 = *a, *b
    k = ED * x1 * x2 * y1 * y2 % EP
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, EP) % EP, (y1 * y2 + x1 * x2) * pow(1 - k, -1, EP) % EP


def _ed_multiply(k, point):
    result = (0, 1)
    while k:
        if k & 1:
            result = _ed_add(result, point)
        point = _ed_add(point, point)
        k >>= 1
    return result


def _ed_decompress(data):
    y, sign = int.from_bytes(data, "little"), data[31] >> 7
    y &= 2**255 - 1
    if y >= EP:
        return None
    square = (y * y - 1) * pow(ED * y * y + 1, -1, EP) % EP
    x = pow(square, (EP + 3) // 8, EP)
    if x * x % EP != square:
        x = x * pow(2, (EP - 1) // 4, EP) % EP
    if x * x % EP != square or (x == 0 and sign):
        return None
    return (x if x % 2 == sign else EP - x), y


def _ed_compress(point):
    return (point[1] | (point[0] % 2) << 255).to_bytes(32, "little")


ED_BASE = _ed_decompress((4 * pow(5, -1, EP) % EP).to_bytes(32, "little"))


def verify_ed25519(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    point, s = _ed_decompress(key), int.from_bytes(signature[32:], "little")
    if point is None or s >= EL or _ed_multiply(8, point) == (0, 1):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % EL
    negative = (EP - point[0]) % EP, point[1]
    return _ed_compress(_ed_add(_ed_multiply(s, ED_BASE), _ed_multiply(k, negative))) == signature[:32]


# --- CBOR, RFC 8949 §4.2.1 as narrowed by docs/formats.md §1 --------------------------------------------------------


class Sign1(list):
    """The items under tag 18."""


class Decimal(tuple):
    """(exponent, mantissa) under tag 4."""


def decode(data):
    value, end = _item(data, 0, 0)
    need(end == len(data), "bytes after the item")
    return value


def _head(data, at):
    need(at < len(data), "cut off")
    major, info = data[at] >> 5, data[at] & 31
    if major == 7:
        need(info in (20, 21, 22), "a simple value or float")
        return major, info, at + 1
    if info < 24:
        return major, info, at + 1
    need(info < 28, "an indefinite or reserved length")
    size = 1 << (info - 24)
    need(at + 1 + size <= len(data), "cut off")
    number = int.from_bytes(data[at + 1 : at + 1 + size], "big")
    need(number >= (24 if size == 1 else 1 << (4 * size)), "not the shortest form")
    return major, number, at + 1 + size


def _item(data, at, depth):
    major, number, at = _head(data, at)
    if major == 0:
        need(number <= MAX_INT, "an integer too large")
        return number, at
    if major == 1:
        need(number + 1 <= MAX_INT, "an integer too small")
        return -1 - number, at
    if major in (2, 3):
        need(at + number <= len(data), "cut off")
        content = data[at : at + number]
        return (content if major == 2 else content.decode("utf-8", "strict")), at + number
    if major == 7:
        return {20: False, 21: True, 22: None}[number], at
    need(depth < 16, "nested too deep")
    if major == 4:
        items = []
        for _ in range(number):
            value, at = _item(data, at, depth + 1)
            items.append(value)
        return items, at
    if major == 5:
        return _map(data, at, number, depth)
    need(number in (4, 18), "another tag")
    content, at = _item(data, at, depth + 1)
    need(type(content) is list, "a tag over no array")
    if number == 18:
        return Sign1(content), at
    need(len(content) == 2 and all(type(x) is int for x in content), "no decimal fraction")
    return Decimal(content), at


def _map(data, at, number, depth):
    result, last = {}, None
    for _ in range(number):
        start = at
        key, at = _item(data, at, 16)
        need(type(key) in (int, str) and key != "__proto__", "a map key of another kind")
        need(all(type(k) is type(key) for k in result), "integers and text as keys of one map")
        raw = data[start:at]
        need(last is None or raw > last, "map keys out of order")
        last = raw
        result[key], at = _item(data, at, depth + 1)
    return result, at


def encode(value):
    """Of the few shapes that a verifier hashes or checks signatures over."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _write(0, value) if value >= 0 else _write(1, -1 - value)
    if isinstance(value, bytes):
        return _write(2, len(value)) + value
    if isinstance(value, str):
        return _write(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _write(4, len(value)) + b"".join(encode(x) for x in value)
    pairs = sorted((encode(k), encode(v)) for k, v in value.items())
    return _write(5, len(pairs)) + b"".join(k + v for k, v in pairs)


def _write(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | info]) + number.to_bytes(size, "big")
    raise Broken("a number too large")
