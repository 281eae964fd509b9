#!/usr/bin/env python3
"""An independent verifier of bundles, written from docs/formats.md alone: it shares no code with the rest of the repository.

    verify_bundle.py FILE.hex PINNED_GENESIS_HEX

prints {"ok": true, "height": …, "packs": …, "readings": …, "ageing": […]} or {"ok": false, "step": …, "why": …}. With `-` for
both it reads lines of BUNDLE_HEX PINNED_HEX from its input and prints a line for each. Section numbers are those of docs/formats.md."""

import json
import re
import sys
from urllib.parse import quote

sys.dont_write_bytecode = True

from primitives import (
    Decimal, Sign1, Broken, decode, encode, need, sha256, sm3, verify_ed25519, verify_es256, verify_sm2,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ALGS = {-7: "es256", -8: "ed25519", -65539: "sm2"}
KEY_SIZES = {"es256": 33, "ed25519": 32, "sm2": 33}
ROLES = {"association", "regulator", "bureau", "carrier", "grower", "processor", "gateway", "laboratory", "shop", "auditor"}
QUANTITIES = {
    "temperature": ("Cel", -90_000, 150_000), "humidity": ("%RH", 0, 100_000),
    "mass": ("kg", 0, 100_000_000), "battery": ("V", 0, 60_000),
}
ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")
DEVICE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{3,29}")


# --- Forms -----------------------------------------------------------------------------------------------------------


def uint(value, top=2**53 - 1):
    need(type(value) is int and 0 <= value <= top, "no unsigned integer in range")
    return value


def integer(value, low, top):
    need(type(value) is int and low <= value <= top, "no integer in range")
    return value


def raw(value, size=None):
    need(type(value) is bytes and size in (None, len(value)), "no bytes of the right size")
    return value


def text(value, top):
    need(type(value) is str and len(value.encode("utf-16-le")) // 2 <= top, "no text of the right length")
    return value


def array(value, top, low=0):
    need(type(value) is list and low <= len(value) <= top, "no array of the right length")
    return value


def fields(value, required, optional=()):
    need(type(value) is dict, "no map")
    need(set(required) <= set(value) <= set(required) | set(optional), "other keys in a map")
    return value


def hashes(value, top):
    return [raw(item, 32) for item in array(value, top)]


def public_key(value):
    fields(value, ("suite", "key"), ("userId",))
    need(value["suite"] in KEY_SIZES, "another suite")
    raw(value["key"], KEY_SIZES[value["suite"]])
    if "userId" in value:
        need(value["suite"] == "sm2" and text(value["userId"], 64) != "", "a user id")
    return value


def validators_of(value):
    for entry in array(value, 64, 1):
        fields(entry, ("id", "key"))
        need(type(entry["id"]) is str and ACCOUNT_ID.fullmatch(entry["id"]), "a validator id")
        public_key(entry["key"])
    need(len({v["id"] for v in value}) == len(value), "a validator id twice")
    need(len({(v["key"]["suite"], v["key"]["key"]) for v in value}) == len(value), "a validator key twice")
    return value


def account(value):
    fields(value, ("id", "roles", "name", "key", "status"), ("uscc",))
    need(type(value["id"]) is str and ACCOUNT_ID.fullmatch(value["id"]), "an account id")
    roles = array(value["roles"], 10, 1)
    need(set(roles) <= ROLES and len(set(roles)) == len(roles), "roles")
    fields(value["name"], ("zh", "en"))
    need(all(text(n, 64).strip() for n in value["name"].values()), "a blank name")
    public_key(value["key"])
    need(value["status"] in ("active", "frozen"), "a status")
    text(value.get("uscc", ""), 18)
    return value


def verify(key, message, signature):
    if key["suite"] == "es256":
        return verify_es256(key["key"], message, signature)
    if key["suite"] == "ed25519":
        return verify_ed25519(key["key"], message, signature)
    return verify_sm2(key["key"], message, signature, key.get("userId", "1234567812345678").encode())


class Message:
    """A COSE_Sign1 of §1."""

    def __init__(self, data, aad, labels):
        items = decode(data)
        need(type(items) is Sign1 and len(items) == 4, "no COSE_Sign1")
        protected, unprotected, self.payload, self.signature = items
        need(unprotected == {} and type(unprotected) is dict, "an unprotected header")
        raw(self.payload), raw(self.signature, 64)
        self.headers = decode(raw(protected))
        need(type(self.headers) is dict and set(self.headers) == {1, 4, *labels}, "other headers")
        need(self.headers[1] in ALGS and type(self.headers[1]) is int, "another alg")
        self.kid = raw(self.headers[4]).decode("utf-8", "strict")
        self.structure = encode(["Signature1", protected, aad.encode(), self.payload])

    def signed_by(self, key):
        return ALGS[self.headers[1]] == key["suite"] and verify(key, self.structure, self.signature)


# --- Hashes and trees, §1 and §2 -------------------------------------------------------------------------------------


class Trees:
    def __init__(self, profile):
        self.h = sm3 if profile == "guomi" else sha256

    def tagged(self, tag, data):
        return self.h(tag.encode() + b"\0" + data)

    def leaf(self, data):
        return self.h(b"\0" + data)

    def included(self, leaf, index, size, proof, root):
        need(0 <= index < size, "an index beyond the tree")
        fn, sn, r = index, size - 1, leaf
        for p in proof:
            need(sn != 0, "a proof too long")
            if fn % 2 == 1 or fn == sn:
                r = self.h(b"\1" + p + r)
                while fn % 2 == 0 and fn != 0:
                    fn, sn = fn // 2, sn // 2
            else:
                r = self.h(b"\1" + r + p)
            fn, sn = fn // 2, sn // 2
        need(sn == 0 and r == root, "another root")

    def state_entry(self, root, key, value, siblings, leaf):
        path = self.tagged("suyuan/state-key/1", key.encode())
        bit = lambda p, i: p[i // 8] >> (7 - i % 8) & 1
        if value is not None:
            need(leaf == [path, self.tagged("suyuan/state-value/1", value)], "a proof of another key or value")
        elif leaf is not None:
            need(leaf[0] != path, "the key is there")
            need(all(bit(leaf[0], i) == bit(path, i) for i in range(len(siblings))), "a leaf from elsewhere")
        node = bytes(32) if leaf is None else self.h(b"\2" + leaf[0] + leaf[1])
        for i in reversed(range(len(siblings))):
            pair = siblings[i] + node if bit(path, i) else node + siblings[i]
            node = self.h(b"\3" + pair)
        need(node == root, "another state root")


# --- Steps, §8 -------------------------------------------------------------------------------------------------------


def state_proof(value):
    siblings, leaf = array(value, 2, 2)
    hashes(siblings, 256)
    need(leaf is None or hashes(array(leaf, 2, 2), 2), "a state leaf")


def read_bundle(data):
    need(len(data) <= 8 * 2**20, "too large")
    b = decode(data)
    need(type(b) is dict and b.get("v") == 2, "another version")
    fields(b, ("v", "link", "genesis", "epochs", "head", "state", "scopes", "batches", "samples", "statements"), ("unit",))
    fields(b["link"], ("gtin",), ("lot", "serial"))
    text(b["link"]["gtin"], 14), text(b["link"].get("lot", ""), 20), text(b["link"].get("serial", ""), 20)
    raw(b["genesis"])
    for entry in array(b["epochs"], 4096):
        fields(entry, ("header", "certificate", "next"))
        raw(entry["header"]), raw(entry["certificate"]), validators_of(entry["next"])
    fields(b["head"], ("header", "certificate"))
    raw(b["head"]["header"]), raw(b["head"]["certificate"])
    for entry in array(b["state"], 2048):
        key, value, proof = array(entry, 3, 3)
        need(re.fullmatch(r"[!-~]{1,256}", text(key, 256)), "a state key")
        need(value is None or raw(value) is not None, "a state value")
        state_proof(proof)
    if "unit" in b:
        fields(b["unit"], ("batch", "index", "proof"), ("hidden",))
        raw(b["unit"].get("hidden", bytes(32)), 32)
        text(b["unit"]["batch"], 20), uint(b["unit"]["index"]), hashes(b["unit"]["proof"], 53)
    for entry in array(b["scopes"], 32):
        recall, inside, proof = array(entry, 3, 3)
        text(recall, 20), need(type(inside) is bool, "no boolean"), state_proof(proof)
    for name in ("batches", "samples"):
        for batch in array(b[name], 512):
            fields(batch, ("gateway", "anchor", "proof", "packs"))
            text(batch["gateway"], 63), raw(batch["anchor"]), hashes(batch["proof"], 53)
            for pack in array(batch["packs"], 512, 1):
                fields(pack, ("index", "pack", "proof"))
                uint(pack["index"]), raw(pack["pack"]), hashes(pack["proof"], 53)
        need(sum(len(batch["packs"]) for batch in b[name]) <= 512, "too many packs")
    for statement in array(b["statements"], 1024):
        raw(statement)
    return b


def read_genesis(data, pinned):
    g = fields(decode(data), ("v", "name", "profile", "time", "rules", "validators", "accounts"))
    need(g["v"] == 1 and g["profile"] in ("guomi", "international"), "another genesis")
    text(g["name"], 64), uint(g["time"]), uint(g["rules"])
    suite = "sm2" if g["profile"] == "guomi" else "ed25519"
    need(all(v["key"]["suite"] == suite for v in validators_of(g["validators"])), "validators of another suite")
    accounts = [account(a)["id"] for a in array(g["accounts"], 64, 1)]
    need(len(set(accounts)) == len(accounts), "an account twice")
    trees = Trees(g["profile"])
    need(trees.tagged("suyuan/genesis/1", data) == pinned, "another genesis than the pinned one")
    return trees, {"epoch": 0, "validators": g["validators"], "height": 0, "time": g["time"], "chain": pinned}


def set_hash(trees, validators):
    return trees.tagged("suyuan/validators/1", encode(validators))


def certified(trees, trusted, entry):
    h = array(decode(entry["header"]), 12, 12)
    need(h[0] == 1 and type(h[0]) is int, "another header version")
    for i in (1, 3, 6, 7, 8, 9, 10):
        raw(h[i], 32)
    uint(h[2]), uint(h[4]), text(h[5], 63), uint(h[11])
    need(h[1] == trusted["chain"], "another chain")
    need(h[2] > trusted["height"] and h[4] >= trusted["time"], "out of order")
    need(h[9] == set_hash(trees, trusted["validators"]), "other validators")
    epoch, slot, block, signatures = array(decode(entry["certificate"]), 4, 4)
    uint(epoch), uint(slot), raw(block, 32)
    indexes = [uint(array(s, 2, 2)[0]) for s in array(signatures, 64)]
    need(all(a < b for a, b in zip(indexes, indexes[1:])), "signers that do not ascend")
    need(epoch == trusted["epoch"], "another epoch")
    need(block == trees.tagged("suyuan/header/1", entry["header"]), "another block")
    n = len(trusted["validators"])
    need(len(indexes) >= 2 * n // 3 + 1, "no quorum")
    vote = encode(["suyuan/final/1", trusted["chain"], epoch, slot, block])
    for index, signature in signatures:
        need(index < n, "an unknown signer")
        need(verify(trusted["validators"][index]["key"], vote, raw(signature, 64)), "a bad signature")
    return {"height": h[2], "time": h[4], "state": h[8], "validators": h[9], "next": h[10]}


def follow(trees, trusted, epochs):
    for end in epochs:
        header = certified(trees, trusted, end)
        need(header["next"] != header["validators"], "no end of an epoch")
        need(header["next"] == set_hash(trees, end["next"]), "other next validators")
        trusted = {
            "epoch": trusted["epoch"] + 1, "validators": end["next"], "chain": trusted["chain"],
            "height": header["height"], "time": header["time"],
        }
    return trusted


class Shown(dict):
    """The proven values, and which keys were proven at all."""

    def __init__(self):
        super().__init__()
        self.shown = set()


def prove_state(trees, root, entries):
    state, last = Shown(), ""
    for key, value, (siblings, leaf) in entries:
        need(key > last, "state keys that do not ascend")
        last = key
        trees.state_entry(root, key, value, siblings, leaf)
        state.shown.add(key)
        if value is not None:
            state[key] = decode(value)
    return state


def part(value):
    return quote(value, safe="-_.!~*'()")


def prove_unit(trees, state, bundle):
    link, unit = bundle["link"], bundle.get("unit")
    if "serial" not in link:
        need(unit is None, "a stray unit")
        return None
    need("lot" in link and unit is not None, "no unit")
    batch = state.get(f"labels/{link['gtin']}/{part(link['lot'])}/{part(unit['batch'])}")
    need(batch is not None, "no label batch")
    need(batch["hidden"] == ("hidden" in unit), "a commitment that should not be there, or is not")
    hidden = [unit["hidden"]] if batch["hidden"] else []
    leaf = trees.leaf(encode([link["gtin"], link["lot"], link["serial"], *hidden]))
    trees.included(leaf, unit["index"], batch["count"], unit["proof"], batch["root"])
    return batch


def lot_key(lot):
    return f"lots/{lot['gtin']}/{part(lot['lot'])}"


def legs(state, lot, end):
    """Where a lot lay first, and later before `end`: [place, from]."""
    return [(lot["place"], lot["since"])] + [(m["place"], m["from"]) for m in lot["moves"] if m["from"] < end]


def departed(state, transit, last):
    """When what is on the road left the place of its last leg."""
    if transit is None:
        return None
    shipment = state.get(transit)
    if shipment is None:
        return last[1]
    return None if shipment.get("via") == last[0] else shipment["shippedAt"]


def until(end, left):
    return end if left is None else min(end, left)


def to_stays(state, lot, way, end):
    stays = []
    for i, (place, start) in enumerate(way):
        need(f"places/{place}" in state, "a missing place")
        stop = min(end, way[i + 1][1]) if i + 1 < len(way) else end
        stays.append(((place, start, max(start, stop)), lot))
    return stays


def scanned_stays(state, lot, head, label):
    if label is None:
        way = legs(state, lot, head)
        return to_stays(state, lot, way, until(head, departed(state, lot.get("transit"), way[-1])))
    before, after = legs(state, lot, label["issuedAt"]), [(m["place"], m["from"]) for m in label["moves"]]
    left = departed(state, label.get("transit"), (after or before)[-1])
    if not after:
        return to_stays(state, lot, before, max(label["issuedAt"], label["issuedAt"] if left is None else left))
    later = to_stays(state, lot, after, until(head, left))
    shops = [s for s in later if state[f"places/{s[0][0]}"]["kind"] == "shop"]
    return to_stays(state, lot, before, after[0][1]) + [s for s in later if s not in shops]


def lineage(state, link, head, label):
    """The lots, scanned one last, the stays with their lots, and whether there are more lots."""
    need(f"products/{link['gtin']}" in state, "no product")
    if "lot" not in link:
        return [], [], False
    need(lot_key(link) in state, "no lot")
    names, used, truncated = [lot_key(link)], {}, False
    for name in names:  # Grows on the way.
        inputs = [lot_key(i) for i in state[name]["inputs"]]
        fresh = list(dict.fromkeys(i for i in inputs if i not in names))
        if len(names) + sum(i not in names for i in inputs) > 64:
            truncated = True
            break
        for i in inputs:
            need(i in state, "a missing ancestor")
            used[i] = max(used.get(i, 0), state[name]["since"])
        names += fresh
    order = sorted(reversed(names), key=lambda n: (state[n]["since"], n == names[0]))
    stays = []
    for name in order:
        lot = state[name]
        if name == names[0]:
            stays += scanned_stays(state, lot, head, label)
        else:
            stays += to_stays(state, lot, legs(state, lot, used[name]), used[name])
    return [state[n] for n in order], stays, truncated


def prove_scopes(trees, state, bundle):
    open_recalls, link, last, found = state.get("open-recalls", []), bundle["link"], "", []
    for recall, inside, (siblings, leaf) in bundle["scopes"]:
        record = state.get(f"recalls/{part(recall)}")
        need("lot" in link and recall > last and recall in open_recalls and record, "a scope of no open recall")
        last = recall
        trees.state_entry(record["scope"]["root"], lot_key(link), encode(True) if inside else None, siblings, leaf)
        found.append((record, inside))
    return found


def prove_anchors(trees, state, batches):
    anchors = []
    for batch in batches:
        gateway, log = state.get(f"accounts/{batch['gateway']}"), state.get(f"anchors/{batch['gateway']}")
        need(ACCOUNT_ID.fullmatch(batch["gateway"]) and gateway and log, "an unknown gateway")
        need("gateway" in account(gateway)["roles"], "no gateway")
        a = array(decode(batch["anchor"]), 9, 9)
        need(a[0] == 1 and a[6] is None, "another anchor version")
        uint(a[1]), raw(a[2], 32), uint(a[3], 1_000_000), [uint(a[i]) for i in (4, 5, 7, 8)]
        trees.included(trees.leaf(batch["anchor"]), a[1], log["size"], batch["proof"], log["root"])
        anchors.append({"root": a[2], "count": a[3], "time": a[8]})
    return anchors


def scaled(value):
    """An integer of thousandths, half away from zero."""
    if type(value) is int:
        return value * 1000
    need(type(value) is Decimal and -6 <= value[0] <= 6, "no number")
    exponent, mantissa = value
    if exponent >= -3:
        return mantissa * 10 ** (exponent + 3)
    divisor = 10 ** (-3 - exponent)
    whole, rest = divmod(abs(mantissa), divisor)
    return (whole + (2 * rest >= divisor)) * (-1 if mantissa < 0 else 1)


def time_of(value):
    return integer(scaled(value), -(2**53) + 1, 2**53 - 1)


def readings_of(payload, device):
    name, unit, base, readings = "", "", 0, []
    for r in array(decode(payload), 128, 1):
        need(type(r) is dict and r and set(r) <= {-2, -3, -4, 0, 1, 2, 6}, "a SenML record")
        name, unit = text(r.get(-2, name), 64), text(r.get(-4, unit), 64)
        base = time_of(r[-3]) if -3 in r else base
        if 2 not in r:
            need(set(r) <= {-2, -3, -4}, "a record without value")
            continue
        full = name + text(r.get(0, ""), 64)
        need(full.startswith(device + ":") and full[len(device) + 1 :] in QUANTITIES, "a name")
        quantity = full[len(device) + 1 :]
        expected, low, top = QUANTITIES[quantity]
        need((text(r.get(1, ""), 64) or unit) == expected, "a unit")
        time = base + (time_of(r[6]) if 6 in r else 0)
        need(2**28 * 1000 <= time <= 2**53 - 1, "a relative time")
        readings.append((quantity, time, integer(scaled(r[2]), low, top)))
    need(readings, "no value")
    return readings


def prove_packs(trees, state, batches, anchors):
    packs = []
    for batch, anchor in zip(batches, anchors):
        for entry in batch["packs"]:
            trees.included(trees.leaf(entry["pack"]), entry["index"], anchor["count"], entry["proof"], anchor["root"])
            need(len(entry["pack"]) <= 16 * 1024, "a pack too large")
            m = Message(entry["pack"], "suyuan/pack/1", (3, -65537))
            boot, seq, prev = array(m.headers[-65537], 3, 3)
            need(m.headers[3] == 112 and DEVICE_ID.fullmatch(m.kid), "a pack header")
            uint(boot), uint(seq), raw(prev, 32)
            device = state.get(f"devices/{m.kid}")
            need(device is not None, "an unknown device")
            need(anchor["time"] <= device.get("revokedAt", anchor["time"]), "a revoked device")
            need(m.signed_by(public_key(device["key"])), "a bad pack signature")
            readings = [
                {"quantity": q, "time": t, "value": v, "late": anchor["time"] - t > 48 * HOUR}
                for q, t, v in readings_of(m.payload, m.kid) if t <= anchor["time"] + 5 * MINUTE
            ]
            packs.append({
                "device": device, "gateway": batch["gateway"], "at": (m.kid, boot, seq), "prev": prev, "anchored": anchor["time"],
                "id": trees.tagged("suyuan/pack/1/id", m.structure), "readings": readings,
            })
    one_history(packs)
    return packs


def distinct_samples(batches):
    found = {}
    for batch in batches:
        first, packs = found.setdefault((batch["gateway"], batch["anchor"]), (batch, {}))
        packs.update({entry["index"]: entry for entry in batch["packs"]})
    return [{**first, "packs": list(packs.values())} for first, packs in found.values()]


def one_history(packs):
    ids = {p["at"]: p["id"] for p in packs}
    need(len(ids) == len(packs), "a number twice")
    for p in packs:
        device, boot, seq = p["at"]
        need(p["prev"] == ids.get((device, boot, seq - 1), p["prev"]), "a broken chain")


def days_from(year, month):
    """Days from 1970-01-01 to the first of a month of the Gregorian calendar, counted the plain way."""
    leaps = lambda y: y // 4 - y // 100 + y // 400
    lengths = [31, 28 + (leaps(year) - leaps(year - 1)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    days = 365 * (year - 1970) + leaps(year - 1) - leaps(1969) + sum(lengths[: month - 1])
    return days, lengths[month - 1]


def prove_statements(state, chain, statements):
    stated, seen, total = [], set(), 0
    for data in statements:
        m = Message(data, "suyuan/statement/1", ())
        chain_id, device_id, quantity, month, revision, made, slot, days = array(decode(m.payload), 8, 8)
        raw(chain_id, 32), uint(revision), uint(made)
        need(DEVICE_ID.fullmatch(text(device_id, 30)) and text(quantity, 32) in QUANTITIES, "a device or quantity")
        need(re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", text(month, 7)), "a month")
        need(900 <= uint(slot) <= 86_400 and 86_400 % slot == 0, "a slot")
        _, low, top = QUANTITIES[quantity]
        start, length = days_from(int(month[:4]), int(month[5:]))
        slots, reports, last_day = 86_400 // slot, [], 0
        for entry in array(days, 31, 1):
            day, count, least, most, total_value, late, bits = array(entry, 7, 7)
            need(last_day < uint(day, length) and 1 <= uint(count, 86_400_000), "a day")
            last_day = day
            need(integer(least, low, top) <= integer(most, low, top) and uint(late) <= count, "a day")
            need(count * least <= integer(total_value, -(2**53) + 1, 2**53 - 1) <= count * most, "a sum")
            need(len(raw(bits)) == (slots + 7) // 8, "slots")
            line = "".join(f"{byte:08b}" for byte in bits)
            need("1" not in line[slots:] and line.count("1") <= count, "padding, or more slots than readings")
            begin = (start + day - 1) * DAY
            runs = [
                (begin + r.start() * slot * 1000, begin + r.end() * slot * 1000)
                for r in re.finditer("1+", line)
            ]
            reports.append({"runs": runs, "late": late, "least": least, "most": most, "begin": begin})
        need(made >= (start + last_day) * DAY, "a day that is not over")
        gateway = state.get(f"accounts/{m.kid}")
        need(ACCOUNT_ID.fullmatch(m.kid) and gateway and "gateway" in account(gateway)["roles"], "no gateway")
        device = state.get(f"devices/{device_id}")
        need(device is not None, "an unknown device")
        need(chain_id == chain, "another chain")
        need(m.signed_by(gateway["key"]), "a bad statement signature")
        name = (m.kid, device_id, quantity, month)
        need(name not in seen, "stated twice")
        seen.add(name)
        total += sum(len(r["runs"]) for r in reports)
        need(total <= 131_072, "too many runs")
        stated.append({"gateway": m.kid, "device": device, "quantity": quantity, "days": reports, "bits": days,
                       "slot": slot, "start": start, "made": made})
    return stated


# --- Coverage, §8 ----------------------------------------------------------------------------------------------------


def union(intervals):
    result = []
    for a, b in sorted(i for i in intervals if i[1] > i[0]):
        if result and a <= result[-1][1]:
            result[-1] = (result[-1][0], max(b, result[-1][1]))
        else:
            result.append((a, b))
    return result


def intersect(x, y):
    return union([(max(a, c), min(b, d)) for a, b in x for c, d in y])


def length(intervals):
    return sum(b - a for a, b in intervals)


def presence(device, stay):
    place, start, end = stay
    there = [(a["from"], a.get("to", end)) for a in device["assignments"] if a["place"] == place]
    return intersect(union(there), [(start, end)] if end > start else [])


def ageing(stay, packs, stated):
    proven, attested, late, expected = {}, {}, 0, set()
    band = ("temperature", "humidity")

    def counts(device, quantity):
        if quantity in band:
            expected.update({quantity, *device["quantities"]} & set(band))

    for pack in packs:
        there = presence(pack["device"], stay)
        for r in pack["readings"]:
            within = [i for i in there if i[0] <= r["time"] < i[1]]
            if not within:
                continue
            late += r["late"]
            end = min(r["time"] + pack["device"]["interval_s"] * 1500, within[0][1])
            (attested if r["late"] else proven).setdefault(r["quantity"], []).append((r["time"], end))
            counts(pack["device"], r["quantity"])
    for s in stated:
        there = presence(s["device"], stay)
        for day in s["days"]:
            runs = intersect(day["runs"], there)
            if runs:
                attested.setdefault(s["quantity"], []).extend(runs)
                late += day["late"]
                counts(s["device"], s["quantity"])
    p = k = [(stay[1], stay[2])] if expected else []
    for q in expected:
        p = intersect(p, union(proven.get(q, [])))
        k = intersect(k, union(proven.get(q, []) + attested.get(q, [])))
    # The gaps are what K leaves out after its first moment.
    edges = [b for _, b in k]
    starts = [a for a, _ in k[1:]] + [stay[2]]
    gaps = [(b, a) for b, a in zip(edges, starts) if a > b]
    return {
        "from_ms": stay[1], "to_ms": stay[2], "covered_ms": length(k), "proven_ms": length(p),
        "gaps": len(gaps), "gap_ms": length(gaps), "late": late,
    }


def contradicted(pack, stated):
    for r in pack["readings"]:
        for s in stated:
            if (s["gateway"], s["device"]["id"], s["quantity"]) != (pack["gateway"], pack["at"][0], r["quantity"]):
                continue
            if pack["anchored"] + 5 * MINUTE > s["made"]:
                continue
            for day, _, least, most, _, _, bits in s["bits"]:
                offset = r["time"] - (s["start"] + day - 1) * DAY
                if 0 <= offset < DAY:
                    slot = offset // (s["slot"] * 1000)
                    if not least <= r["value"] <= most or not bits[slot // 8] >> (7 - slot % 8) & 1:
                        return True
    return False


def grade(found, contradictions):
    if found["covered_ms"] == 0:
        return "unknown"
    if found["covered_ms"] == found["proven_ms"]:
        return "proven"
    return "unknown" if contradictions else "attested"


# --- Claims about trade, §8 ------------------------------------------------------------------------------------------


def document_key(digest):
    return f"documents/{digest.hex()}"


def standing_of(document, time):
    if document["status"] == "revoked":
        return "revoked"
    if time < document["validFrom"]:
        return "not-yet"
    return "expired" if time >= document.get("validUntil", time + 1) else "valid"


class Claims:
    def __init__(self, state, bundle, head, lots, truncated, label, scopes):
        self.state, self.link, self.head, self.unit = state, bundle["link"], head, bundle.get("unit")
        self.lots, self.truncated, self.label, self.scopes = lots, truncated, label, scopes
        self.claims, self.facts = [], []

    def say(self, kind, grade, *fact):
        self.claims.append(f"{kind}: {grade}")
        if fact:
            self.facts.append([kind, *fact])

    def recalls(self):
        open_recalls = self.state.get("open-recalls", [])
        inside = sorted((r for r, i in self.scopes if i), key=lambda r: (r["level"], r["openedAt"]))
        known = "open-recalls" in self.state.shown and set(open_recalls) <= {r["id"] for r, _ in self.scopes}
        self.say("recall", "proven" if known or inside else "unknown")
        self.facts += [["recall", r["id"], r["level"]] for r in inside]

    def disputes(self):
        for lot in self.lots:
            if "case" in lot:
                status = self.state.get(f"cases/{part(lot['case'])}", {}).get("status")
                status = status if status in ("open", "upheld") else "unknown"
                self.say("dispute", "unknown" if status == "unknown" else "proven", lot["lot"], status)

    def labels(self):
        if self.label is None:
            return
        batch, index = self.label, self.unit["index"]
        base = f"{batch['gtin']}/{part(batch['lot'])}/"
        void = f"voids/{base}{part(batch['batch'])}/{index}"
        standing = "active" if index < batch["activated"] else "spare" if batch["closed"] else "printed"
        if void not in self.state.shown:
            standing = "unknown"
        elif void in self.state:
            standing = "void"
        reveal = f"reveals/{base}{part(self.link['serial'])}"
        hidden = "none" if not batch["hidden"] else "unknown" if reveal not in self.state.shown else \
            "revealed" if reveal in self.state else "sealed"
        self.say("label", "unknown" if standing == "unknown" else "proven", index + 1, batch["count"], standing, hidden)

    def source(self, lot):
        """Basis, who answers, the mark with who granted it, the place."""
        state, place = self.state, lot["place"]
        if "document" in lot:
            audit = state.get(document_key(lot["document"]))
            return "audit", audit["issuer"] if audit and audit["status"] != "revoked" else None, None, place
        origin = lot.get("origin")
        place = origin["plot"] if origin else place
        record = state.get(f"places/{place}", {"memberships": [], "registeredBy": ""})
        wanted = state.get(f"products/{lot['gtin']}", {}).get("mark")
        member = [m for m in record["memberships"] if m["mark"] == wanted and m["from"] <= lot["since"] < m.get("to", 2**53)]
        mark = (wanted, member[0]["by"]) if wanted and member else None
        if origin:
            signed = origin["consent"] is not None
            return ("consent" if signed else "no-consent"), origin["grower"] if signed else None, mark, place
        if mark:
            return "membership", mark[1], mark, place
        registrar = state.get(f"accounts/{record['registeredBy']}", {"roles": []})
        good = {"association", "regulator", "bureau"} & set(registrar["roles"])
        return "registration", record["registeredBy"] if good else None, None, place

    def origins(self):
        if self.truncated:
            self.say("origin", "unknown", "", "")
        disputed, groups = any("case" in lot for lot in self.lots), {}
        for lot in self.lots:
            if not lot["inputs"]:
                basis, by, mark, place = self.source(lot)
                places = groups.setdefault((basis, by, mark), [])
                places += [place] if place not in places else []
        for (basis, by, _), places in groups.items():
            grade = "unknown" if disputed else "self-declared" if by is None else "attested"
            self.say("origin", grade, basis, by or "" if not disputed else "", *places)

    def quotas(self):
        groups = {}
        for lot in self.lots:
            if lot["inputs"] or "season" not in lot or "document" in lot:
                continue
            plot = lot["origin"]["plot"] if "origin" in lot else lot["place"]
            key = f"quotas/{plot}/{lot['gtin']}/{lot['season']}"
            if key in self.state.shown and key not in self.state:
                continue
            found = groups.setdefault(lot["gtin"], [{}, 0, False])
            found[1] += lot["made"]
            if key in self.state:
                found[0][key] = self.state[key]
            else:
                found[2] = True
        for quotas, here, missing in groups.values():
            sums = [sum(q[name] for q in quotas.values()) for name in ("granted", "drawn")]
            self.say("quota", "unknown" if missing or self.truncated else "proven", *sums, here)

    def most(self, policy, lot):
        """What may come out: None where it cannot be judged, -1 where there is no such step."""
        if lot["process"] in ("split", "merge"):
            return sum(i["amount"] for i in lot["inputs"])
        total = 0
        for i in lot["inputs"]:
            sources = [s for s in self.lots if (s["gtin"], s["lot"]) == (i["gtin"], i["lot"])]
            if policy is None or not sources:
                return None
            steps = [y for y in policy["yields"] if (y["process"], y["from"], y["to"]) == (lot["process"], i["gtin"], lot["gtin"])]
            season = sources[0].get("season")
            entry = [y for y in steps if "season" in y and y["season"] == season] + [y for y in steps if "season" not in y]
            if season is None:
                entry = sorted(steps, key=lambda y: y["max_ppm"])
            if not entry:
                return -1
            total += i["amount"] * entry[0]["max_ppm"]
        return total // 10**6

    def policies(self):
        judged = []
        for lot in self.lots:
            if "policy" not in lot or not lot["inputs"]:
                continue
            policy = self.state.get(f"policies/{lot['policy']['id']}/{lot['policy']['version']}")
            if policy is not None and "yields" not in policy and lot["process"] not in ("split", "merge"):
                continue
            most = self.most(policy, lot)
            known = most is not None and f"products/{lot['gtin']}" in self.state
            within = "unknown" if not known else "yes" if lot["made"] <= most else "no"
            judged.append(["policy", lot["lot"], -1 if most is None else most, within])
        if judged:
            good = all(j[3] == "yes" for j in judged) and not self.truncated
            self.say("policy", "proven" if good else "unknown")
            self.facts += judged

    def age(self):
        lot = self.lots[-1]
        audits = [(self.state.get(document_key(l["document"])), l["since"]) for l in self.lots if "document" in l]
        auditors = dict.fromkeys(a["issuer"] for a, _ in audits if a)
        claimed = [l["claimedAge_months"] for l in self.lots if "claimedAge_months" in l]
        lost = self.truncated or any(a is None or standing_of(a, since) != "valid" for a, since in audits)
        grade = "unknown" if lost else "attested" if audits else "proven"
        self.say("age", grade, lot["born"], max(0, self.head["time"] - lot["born"]), claimed[-1] if claimed else -1, *auditors)

    def documents(self):
        subjects = [lot_key(l) for l in self.lots[-1:]] + [f"products/{self.link['gtin']}"]
        missing, digests = False, []
        for key in (f"document-list/{s}" for s in subjects):
            missing |= key not in self.state.shown
            digests += [d for d in self.state.get(key, []) if d not in digests]
        for digest in digests:
            document = self.state.get(document_key(digest))
            if document is None:
                missing = True
                continue
            standing = standing_of(document, self.head["time"])
            self.say("document", "attested" if standing == "valid" else "unknown", digest.hex(), standing)
        if missing:
            self.say("document", "unknown", "", "")

    def climate(self, stays, packs, stated):
        """Of the stays of the scanned lot."""
        own = [stay for stay, lot in stays if lot is self.lots[-1]]
        for quantity in ("temperature", "humidity", "mass"):
            if any(r["quantity"] == quantity and not r["late"] for s in own for _, r, _ in counted(s, packs)):
                self.say("climate", "proven")
            if any(x["quantity"] == quantity for s in own for x, _, _ in days_of(s, stated)):
                self.say("climate", "unknown" if self.lies else "attested")

    def bound(self, lot):
        """The key of the policy that limits the lot, or None; and whether the bundle leaves out what tells."""
        ref, product = lot.get("policy"), f"products/{lot['gtin']}"
        if ref is None:
            if product not in self.state.shown:
                return product, True
            name = self.state.get(product, {}).get("policy")
            if name is None:
                return None, False
            if f"policies/{name}" not in self.state:
                return f"policies/{name}", True
            versions = [v["version"] for v in self.state[f"policies/{name}"]["versions"] if v["from"] <= self.head["height"]]
            if not versions:
                return None, False
            ref = {"id": name, "version": versions[-1]}
        key = f"policies/{ref['id']}/{ref['version']}"
        return key, key not in self.state

    def limits(self, shown, packs, stated):
        groups = {}
        for stay, lot in shown:
            key, hidden = self.bound(lot)
            if key and not hidden:
                groups.setdefault((key, lot["gtin"]), []).append(stay)
        for (key, _), at in groups.items():
            for limit in self.state[key].get("climate", []):
                self.limit(limit, at, packs, stated)
        for key, hidden, gtin in dict.fromkeys((*self.bound(lot), lot["gtin"]) for lot in self.lots):
            if hidden:
                name = self.state.get(f"products/{gtin}", {}).get("name", {"zh": gtin})
                self.say("limit", "unknown", key, name["zh"])

    def limit(self, limit, stays, packs, stated):
        sign = 1 if limit["above"] else -1
        beyond = lambda value: sign * (value - limit["limit"]) > limit["error"]
        runs, unknown, attested, hot_days = [], 0, False, set()
        for stay in stays:
            lines, proven, known = {}, [], []
            for device, r, covers in counted(stay, packs):
                if r["quantity"] == limit["quantity"]:
                    known.append(covers)
                    if not r["late"]:
                        proven.append(covers)
                        lines.setdefault(device["id"], []).append((r["time"], beyond(r["value"]), covers[1]))
            for line in lines.values():
                run, last_end = None, None
                for time, out, end in sorted(line):
                    if not out:
                        run = None
                    elif run and time <= last_end:
                        run[1] = time
                    else:
                        run = [time, time]
                        runs.append(run)
                    last_end = end
            for x, day, covered in days_of(stay, stated):
                if x["quantity"] == limit["quantity"]:
                    known += covered
                    if beyond(day["most"] if limit["above"] else day["least"]):
                        hot_days.add(day["begin"])
            unknown += stay[2] - stay[1] - length(union(known))
            attested |= length(union(known)) > length(union(proven))
        joined = []
        for a, b in sorted(runs):
            if joined and a <= joined[-1][1]:
                joined[-1][1] = max(b, joined[-1][1])
            else:
                joined.append([a, b])
        lengths = [b - a for a, b in joined]
        tested = [sum(lengths)] * len(lengths) if limit["cumulative"] else lengths
        found = sum(t >= limit["duration_ms"] for t in tested)
        quiet = "unknown" if unknown else "proven" if not attested else "unknown" if self.lies else "attested"
        self.say("limit", "proven" if found else quiet, limit["quantity"], found, max(lengths, default=0), sum(lengths),
                 len(hot_days), unknown)

    def all(self, stays, found, packs, samples, stated):
        everything = packs + samples
        lying = [p for p in everything if contradicted(p, stated)]
        self.lies = bool(lying)
        shown = [(s, f) for i, (s, f) in enumerate(zip(stays, found)) if f["covered_ms"] > 0 or i == len(found) - 1]
        if self.lots:
            self.recalls(), self.disputes(), self.labels()
            self.say("mass", "proven")
            self.origins(), self.quotas(), self.policies(), self.age()
        for _, f in shown:
            self.say("ageing", grade(f, self.lies))
        if samples:
            self.say("spot-check", "unknown" if lying else "proven")
        if self.lots:
            self.climate(stays, everything, stated)
            self.limits([s for s, _ in shown], everything, stated)
        self.documents()
        if any(counted(s, everything) or days_of(s, stated) for (s, _), _ in shown):
            self.say("devices", "proven")
        for lot in self.lots:
            if "note" in lot:
                self.say("process-note", "self-declared")
        self.say("freshness", "proven")
        return [f for _, f in shown]


def counted(stay, packs):
    """Device, reading and what it covers, of each reading that counts."""
    found = []
    for pack in packs:
        for r in pack["readings"]:
            within = [i for i in presence(pack["device"], stay) if i[0] <= r["time"] < i[1]]
            if within:
                end = min(r["time"] + pack["device"]["interval_s"] * 1500, within[0][1])
                found.append((pack["device"], r, (r["time"], end)))
    return found


def days_of(stay, stated):
    """Statement, day and covered runs, of each day that counts."""
    days = [(s, day, intersect(day["runs"], presence(s["device"], stay))) for s in stated for day in s["days"]]
    return [d for d in days if d[2]]


def run(data, pinned):
    step = ["bundle"]

    def at(name, body, *args):
        step[0] = name
        return body(*args)

    try:
        b = at("bundle", read_bundle, data)
        trees, trusted = at("genesis", read_genesis, b["genesis"], pinned)
        trusted = at("epochs", follow, trees, trusted, b["epochs"])
        head = at("certificate", certified, trees, trusted, b["head"])
        state = at("state", prove_state, trees, head["state"], b["state"])
        label = at("unit", prove_unit, trees, state, b)
        lots, stays, truncated = at("lots", lineage, state, b["link"], head["time"], label)
        scopes = at("recalls", prove_scopes, trees, state, b)
        anchors = at("anchors", prove_anchors, trees, state, b["batches"])
        packs = at("packs", prove_packs, trees, state, b["batches"], anchors)
        stated = at("statements", prove_statements, state, pinned, b["statements"])
        distinct = at("samples", distinct_samples, b["samples"])
        more = at("samples", prove_anchors, trees, state, distinct)
        samples = at("samples", prove_packs, trees, state, distinct, more)
        at("samples", one_history, packs + samples)
        step[0] = "claims"
        found = [ageing(stay, packs + samples, stated) for stay, _ in stays]
        claims = Claims(state, b, head, lots, truncated, label, scopes)
        shown = claims.all(stays, found, packs, samples, stated)
        return {
            "ok": True, "height": head["height"], "packs": len(packs + samples),
            "readings": sum(len(p["readings"]) for p in packs + samples),
            "ageing": [{"grade": grade(f, claims.lies), **f} for f in shown],
            "claims": claims.claims, "facts": claims.facts,
        }
    except (Broken, UnicodeError, KeyError, TypeError, ValueError) as error:
        return {"ok": False, "step": step[0], "why": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1:] == ["-", "-"]:
        for line in sys.stdin:
            bundle_hex, pinned_hex = line.split(" ")
            print(json.dumps(run(bytes.fromhex(bundle_hex), bytes.fromhex(pinned_hex))))
    else:
        with open(sys.argv[1], encoding="ascii") as file:
            content = bytes.fromhex("".join(file.read().split()))
        print(json.dumps(run(content, bytes.fromhex(sys.argv[2]))))
