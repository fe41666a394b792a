#!/usr/bin/env python3
"""Verifies a receipt (C2SP tlog-proof) of a referral ledger with its public key, offline.

    verify_receipt.py VKEY FILE [--log-id HEX] [--pure]

Written from the specifications alone (C2SP tlog-proof, tlog-checkpoint, signed-note; RFC 6962, RFC 9162,
RFC 8032; ledger/SPEC.md), apart from the Rust code, so that two implementations must agree. Standard library
only; where the package `cryptography` is installed it checks the signature, else (or with --pure) the code
below does. VKEY is the key itself or a file that holds it. Exit: 0 verified, 1 refused, 2 wrong usage.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import sys

RECEIPT_BYTES_MAX = 1024 * 1024
SIGNATURES_MAX = 64
PROOF_HASHES_MAX = 64
SEGMENTS_MAX = 16
KEY_NAME_BYTES_MAX = 255


class Refused(Exception):
    """The receipt is not accepted; the text says why."""


def decode_base64(text, what):
    """Bytes of standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Refused(f"{what} is not base64")
    if base64.b64encode(data).decode("ascii") != text:
        raise Refused(f"{what} is not canonical base64")
    return data


def decode_decimal(text, what):
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text, re.ASCII) or int(text) >= 1 << 64:
        raise Refused(f"{what} is not a plain decimal number")
    return int(text)


def decode_hash(text, what):
    data = decode_base64(text, what)
    if len(data) != 32:
        raise Refused(f"{what} is not 32 bytes")
    return data


def decode_text(data):
    if len(data) > RECEIPT_BYTES_MAX:
        raise Refused("the receipt is too long")
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Refused("the receipt is not UTF-8")
    if any(ord(letter) < 0x20 and letter != "\n" for letter in text):
        raise Refused("the receipt has a control character in it")
    return text


# --- Ed25519 (RFC 8032 §5.1), for machines without the package `cryptography`. -------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    """Extended homogeneous coordinates (X, Y, Z, T), RFC 8032 §5.1.4."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % P, z * t % P, y * z % P, x * t % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def points_equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_decode(data):
    """A point from 32 bytes, or None; RFC 8032 §5.1.3. Refuses unreduced coordinates."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
NEUTRAL = (0, 1, 1, 0)


def is_small_order(point):
    return points_equal(point_multiply(8, point), NEUTRAL)


def verify_pure(public, message, signature):
    key, commitment = point_decode(public), point_decode(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= L or is_small_order(commitment):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    right = point_add(commitment, point_multiply(challenge, key))
    return points_equal(point_multiply(scalar, BASE), right)


def verify_ed25519(public, message, signature, pure):
    if len(signature) != 64:
        return False
    if not pure:
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError:
            return verify_pure(public, message, signature)
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False
    return verify_pure(public, message, signature)


# --- C2SP signed-note and tlog-checkpoint ---------------------------------------------------------------


def is_key_name(name):
    if not name or len(name.encode("utf-8")) > KEY_NAME_BYTES_MAX or "+" in name:
        return False
    return not any(letter.isspace() or ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in name)


def parse_vkey(text):
    """name+id+base64(type ‖ key) → (name, id, public key)."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise Refused("the verifier key is not name+id+base64")
    name, key_id, encoded = parts
    key = decode_base64(encoded, "the verifier key")
    if len(key) != 33 or key[0] != 1:
        raise Refused("the verifier key is not of an Ed25519 key")
    point = point_decode(key[1:])
    if point is None or is_small_order(point):
        raise Refused("the verifier key is not a usable Ed25519 key")
    expected = hashlib.sha256(name.encode("utf-8") + b"\n" + key).digest()[:4]
    if key_id != expected.hex():
        raise Refused("the verifier key's id does not belong to its name and key")
    return name, expected, key[1:]


def open_note(note, vkey, pure):
    """The text of a signed note, once the key's signature over it is checked."""
    name, key_id, public = vkey
    split = note.rfind("\n\n")
    if split < 0 or not note.endswith("\n"):
        raise Refused("the checkpoint has no signatures")
    text, lines = note[: split + 1], note[split + 2 :].split("\n")[:-1]
    if not lines:
        raise Refused("the checkpoint has no signatures")
    if len(lines) > SIGNATURES_MAX:
        raise Refused("the checkpoint has too many signatures")
    found = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not is_key_name(parts[1]):
            raise Refused("a signature line is malformed")
        blob = decode_base64(parts[2], "a signature")
        if len(blob) < 5:
            raise Refused("a signature is too short")
        if parts[1] == name and blob[:4] == key_id:
            found.append(blob[4:])
    if not found:
        raise Refused("no signature is by the given key")
    if not all(verify_ed25519(public, text.encode("utf-8"), blob, pure) for blob in found):
        raise Refused("the signature is not the given key's over this checkpoint")
    return text


def parse_checkpoint(text, name):
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise Refused("the checkpoint is not origin, size and root")
    if lines[0] != name:
        raise Refused("the checkpoint's origin is not the key's name")
    size = decode_decimal(lines[1], "the checkpoint's size")
    root = decode_hash(lines[2], "the checkpoint's root")
    if size == 0 and root != hashlib.sha256(b"").digest():
        raise Refused("the root of an empty checkpoint is wrong")
    return size, root


# --- The receipt ----------------------------------------------------------------------------------------


def parse_receipt(text):
    """→ event header, index, proof, note."""
    head, empty_line, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Refused("the first line is not c2sp.org/tlog-proof@v1")
    if len(lines) < 2 or not lines[1].startswith("extra "):
        raise Refused("the second line is not the event header")
    header = decode_base64(lines[1][len("extra ") :], "the event header")
    if len(lines) < 3 or not lines[2].startswith("index "):
        raise Refused("the index is missing")
    index = decode_decimal(lines[2][len("index ") :], "the index")
    if len(lines) - 3 > PROOF_HASHES_MAX:
        raise Refused("the proof has too many hashes")
    proof = [decode_hash(line, "a line of the proof") for line in lines[3:]]
    if not empty_line or not note:
        raise Refused("the checkpoint is missing")
    return header, index, proof, note


def parse_header(header):
    """suite ‖ version ‖ log id ‖ leaf index ‖ segment count ‖ digests → log id, index, digests."""
    if len(header) < 43:
        raise Refused("the event header is cut off")
    if header[0] != 1 or header[1] != 1:
        raise Refused("the event header is of an unknown suite or version")
    count = header[42]
    if not 1 <= count <= SEGMENTS_MAX or len(header) != 43 + 32 * count:
        raise Refused("the event header's length is not that of its segments")
    digests = [header[43 + 32 * n : 75 + 32 * n].hex() for n in range(count)]
    return header[2:34], int.from_bytes(header[34:42], "big"), digests


def root_of(leaf, index, size, proof):
    """The root that a proof leads to, by the recursive definition of RFC 6962 §2.1.1."""
    if size == 1:
        if proof:
            raise Refused("the proof has too many hashes")
        return leaf
    if not proof:
        raise Refused("the proof has too few hashes")
    left_size = 1 << ((size - 1).bit_length() - 1)
    if index < left_size:
        left, right = root_of(leaf, index, left_size, proof[:-1]), proof[-1]
    else:
        left, right = proof[-1], root_of(leaf, index - left_size, size - left_size, proof[:-1])
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify(data, vkey_text, log_id=None, pure=False):
    """What the receipt proves, as a dictionary; raises Refused."""
    vkey = parse_vkey(vkey_text)
    header, index, proof, note = parse_receipt(decode_text(data))
    header_log_id, header_index, digests = parse_header(header)
    if header_index != index:
        raise Refused("the event header belongs to another leaf than the proof")
    if log_id is not None and header_log_id.hex() != log_id.lower():
        raise Refused("the receipt is of another ledger")
    size, root = parse_checkpoint(open_note(note, vkey, pure), vkey[0])
    if index >= size:
        raise Refused("the leaf is not in a tree of that size")
    leaf = hashlib.sha256(b"\x00" + header).digest()
    if root_of(leaf, index, size, proof) != root:
        raise Refused("the proof does not lead to the checkpoint's root")
    return {
        "origin": vkey[0],
        "log_id": header_log_id.hex(),
        "index": index,
        "size": size,
        "root": root.hex(),
        "segment_digests": digests,
    }


def main():
    parser = argparse.ArgumentParser(description="Verifies a referral ledger's receipt, offline.")
    parser.add_argument("vkey", help="the verifier key, or a file that holds it")
    parser.add_argument("file", help="the .tlog-proof file; - for standard input")
    parser.add_argument("--log-id", help="the ledger's id in hexadecimal, if it must be that one")
    parser.add_argument("--pure", action="store_true", help="do not use the package cryptography")
    options = parser.parse_args()
    try:
        vkey = options.vkey
        if os.path.isfile(vkey):
            with open(vkey, encoding="utf-8") as opened:
                vkey = opened.read().removesuffix("\n")
        if options.file == "-":
            data = sys.stdin.buffer.read(RECEIPT_BYTES_MAX + 1)
        else:
            with open(options.file, "rb") as opened:
                data = opened.read(RECEIPT_BYTES_MAX + 1)
    except OSError as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    try:
        verified = verify(data, vkey, options.log_id, options.pure)
    except Refused as why:
        print(f"refused: {why}", file=sys.stderr)
        return 1
    print(json.dumps(verified, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
