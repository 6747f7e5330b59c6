"""A valid bundle changed in 1 000 random ways: nothing breaks, nothing counts that its phone did not sign, all is noted."""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec

from backend import database
from backend.scope import SYSTEM
from qr.base64url import from_base64url, to_base64url
from qr.chain.envelope import Envelope, opened
from qr.chain.errors import ChainError
from tests.support.phone import SoftPhone, in_order, part
from tests.support.signed import SignedPlace, audited
from tests.support.visits import value

SEED = 20261126
UNSIGNED = 880
"""Changes that whoever carries the bundle can make: without the phone's key."""

SIGNED = 120
"""Changes that the phone's owner can make: each is signed by the genuine key, in a chain without a gap."""

AT_ONCE = 40
POOL: list[Any] = [
    "", "x", "x" * 5_000, "\x00", "é", "../../etc/passwd", "' OR 1=1 --", "<script>", -1, 0, 1, 2**31, 2**53 - 1, 2**53, 10**30,
    1.5, True, False, None, [], [[]], {}, {"a": 1}, "2026-11-26", str(UUID(int=0)), "0" * 64,
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places of a JSON value."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*path, key))
    return found


def alike(one: Any, chance: random.Random) -> Any:
    """Something else of the same kind, which the form of an entry may well allow."""
    if isinstance(one, list):
        return chance.choice([[], one[1:], one + one[:1], one[::-1]])
    if isinstance(one, dict):
        return one
    if isinstance(one, int):
        return max(0, one + chance.choice([-1, 1, 60_000, -3_600_000, 10**9, 10**12]))
    if one is None or re.fullmatch(r"[0-9a-f-]{36}", one):
        return chance.choice([str(uuid4()), str(UUID(int=0))])
    return chance.choice(["x", "", "\x00", "字" * 150, one[:-1], one + one, "not_applicable", "stop_use", "gallery", "pit"])


def changed(payload: dict[str, Any], chance: random.Random, *, spare: set[str], likely: bool = False) -> dict[str, Any]:
    """A payload with something else somewhere."""
    made = copy.deepcopy(payload)
    where = chance.choice([path for path in places(made) if path[0] not in spare])
    at: Any = made
    for key in where[:-1]:
        at = at[key]
    kind = chance.random()
    if likely and kind < 0.9:
        at[where[-1]] = alike(at[where[-1]], chance)
    elif kind < 0.15:
        del at[where[-1]]
    elif kind < 0.25 and isinstance(at, dict):
        at[f"{where[-1]}2"] = at[where[-1]]
    elif kind < 0.4 and isinstance(at[where[-1]], int):
        at[where[-1]] += chance.choice((-1, 1, -(10**6), 10**9))
    else:
        at[where[-1]] = chance.choice(POOL)
    return made


def carried(envelope: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """An envelope that was changed on its way."""
    made = copy.deepcopy(envelope)
    raw = bytearray(from_base64url(made["payload"]) or b"")
    kind = chance.randrange(6)
    if kind == 0:
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del raw[chance.randrange(len(raw)) :]
    elif kind == 2:
        payload = changed(json.loads(raw), chance, spare=set())
        raw = bytearray(json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    elif kind == 3:
        signature = bytearray(from_base64url(made["signature"]) or b"")
        signature[chance.randrange(64)] ^= 1 << chance.randrange(8)
        made["signature"] = to_base64url(bytes(signature))
    elif kind == 4:
        made["signature"] = chance.choice(["", "A", "====", "A" * 86, made["signature"][:-1], made["payload"][:86]])
    else:
        raw += bytes(chance.randrange(256) for _ in range(chance.randint(1, 9)))
    made["payload"] = to_base64url(bytes(raw))
    return made


async def test_whoever_carries_a_bundle_changes_nothing_that_counts(signed: SignedPlace) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a test repeats itself
    photo = signed.phone.photograph(1)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=45)
    signed.phone.work(visit, answers=in_order(signed.items), parts=[part(serial_fitted="SN-9")], photos=[photo])
    signed.phone.find(visit)
    signed.phone.depart(visit, signed.place.code)
    valid = list(signed.phone.queue)
    mutants = [carried(chance.choice(valid), chance) for _ in range(UNSIGNED)]
    mutants = [one if one not in valid else one | {"signature": ""} for one in mutants]
    for start in range(0, UNSIGNED, AT_ONCE):
        batch = mutants[start : start + AT_ONCE]
        answer = await signed.phone.send(signed.first, batch)
        assert answer.status_code == 200, answer.text
        assert {one["state"] for one in answer.json()["results"]} == {"refused"}
        assert all(one["reason_zh"] and one["reason_en"] for one in answer.json()["results"])
    assert await audited("phone.entries_refused") == UNSIGNED // AT_ONCE
    assert (
        await value("SELECT sum((detail->>'entries')::int) FROM audit_event WHERE action = 'phone.entries_refused'") == UNSIGNED
    )
    assert await value("SELECT count(*) FROM visit") == 0
    assert [result["state"] for result in await signed.sync()] == ["applied"] * 4
    assert await value("SELECT count(*) FROM visit_record") == 1


async def test_whoever_has_the_phone_breaks_nothing_with_what_they_sign(signed: SignedPlace) -> None:
    chance = random.Random(SEED + 1)  # noqa: S311
    phone = signed.phone
    said: Counter[str] = Counter()
    for _ in range(SIGNED // 4):
        sent = [_signed(phone, payload, position, chance) for payload, position in _visit(signed)]
        answer = await phone.send(signed.first, sent)
        assert answer.status_code == 200, answer.text
        said.update(result["state"] for result in answer.json()["results"])
        phone.wait(seconds=1)
        await _out_of_the_way()
    assert set(said) <= {"applied", "held", "refused"}
    assert min(said.values()) > 10
    assert sum(said.values()) == SIGNED
    assert await value("SELECT count(*) FROM intake_entry WHERE state = 'waiting'") == 0
    grades = await value("SELECT coalesce(array_agg(DISTINCT grade), ARRAY[]::text[]) FROM visit WHERE state = 'finished'")
    assert set(grades) <= {"C", "D"}  # a second on site is no visit
    assert await audited("phone.entries_refused") > 5
    assert await audited("entry.held") > 5


def _visit(signed: SignedPlace) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """The payloads of a visit, each to be appended to the chain as it is when its turn comes."""
    phone, visit = signed.phone, uuid4()
    acts: list[Callable[[], object]] = [
        lambda: phone.arrive(signed.place.code, visit),
        lambda: phone.work(visit, answers=in_order(signed.items), parts=[part()], photos=[phone.photograph(1)]),
        lambda: phone.find(visit),
        lambda: phone.depart(visit, signed.place.code),
    ]
    for act in acts:
        before = phone.seq, phone.head
        act()
        phone.seq, phone.head = before
        phone.files.clear()
        (made,) = phone.queue
        phone.queue = []
        yield json.loads(from_base64url(made["payload"]) or b""), made.get("position")


def _signed(
    phone: SoftPhone, payload: dict[str, Any], position: dict[str, Any] | None, chance: random.Random
) -> dict[str, Any]:
    """A changed payload, signed; the chain goes on behind it if it is an entry at all."""
    mutant = changed(payload, chance, spare={"seq", "prev", "phone", "format", "kind"}, likely=True)
    raw = json.dumps(mutant, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass")
    made = phone.envelope(raw)
    if position is not None and chance.random() < 0.7:
        made |= {"position": position}
    try:
        taken = opened(msgspec.convert(made, Envelope), phone=phone.id, point=phone.point)
    except (ChainError, msgspec.ValidationError):
        return made
    phone.seq, phone.head = taken.entry.seq, taken.sha256
    return made


async def _out_of_the_way() -> None:
    """The visit of the round before does not stand in the way of the next one."""
    async with database.tx(SYSTEM):
        await database.execute("UPDATE visit SET state = 'abandoned', closed_reason = 'test' WHERE state = 'open'")
