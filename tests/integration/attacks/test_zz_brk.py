from __future__ import annotations
import asyncio, hashlib, json
from datetime import timedelta
from uuid import uuid4
import pytest
from backend import clock, database
from backend.scope import SYSTEM
from tests.support import pictures
from tests.support.phone import SoftPhone, in_order
from tests.support.signed import SignedPlace, audited
from tests.support.visits import Workplace, value
from tests.integration.attacks.conftest import signed  # noqa
from tests.integration.attacks import test_attacks as A

async def summ(s, v):
    r = await s.manager.get(f"/api/v1/visits/{v}")
    if r.status_code != 200: return r.status_code
    x = r.json()["summary"]; p=(await s.manager.get(f"/api/v1/visits/{v}/proof")).json()
    return x["state"], x["grade"], x["review"], [(q["name"],q["outcome"]) for q in (p.get("grade") or {}).get("reasons",[])] if isinstance(p.get("grade"),dict) else list(p)

async def test_two_phones_of_one(signed):
    A.both_scan(signed)
    tid = signed.place.technician.technician
    other = SoftPhone(at=signed.phone.at); await signed.enrol(other, signed.first, tid)
    v = signed.visit(); other.place=A.AT_HOME; other.wait(minutes=20); other.arrive(signed.place.code)
    other.wait(minutes=1); other.scan_zone(v, signed.place.code, "pit")
    await signed.sync(); await signed.other_phone.sync(signed.second)
    r=await other.send(signed.first, other.queue); print([ (x['state'],x['reason_en']) for x in r.json()['results']])
    print("TWO PHONES", await summ(signed, v))

async def test_zone_far(signed):
    A.both_scan(signed)
    v = signed.phone.arrive(signed.place.code); signed.phone.wait(minutes=20)
    home=signed.phone.place; signed.phone.place=A.AT_HOME; signed.phone.scan_zone(v, signed.place.code,"pit"); signed.phone.place=home
    signed.phone.wait(minutes=25); signed.phone.work(v, answers=in_order(signed.items)); signed.phone.depart(v, signed.place.code)
    await signed.sync(); await signed.other_phone.sync(signed.second)
    print("ZONE FAR", await summ(signed, v))

async def test_join_typed(signed):
    o=signed.other_phone; o.place=None
    v=signed.visit(second=False)
    o.wait(minutes=2)
    for kind,w in (("join",40),("leave",0)):
        b,p=o.scan_body(signed.place.code, source="typed"); o.append(kind,None,b,p); o.wait(minutes=w)
    await signed.sync(); r=await o.sync(signed.second)
    print("JOIN TYPED", await summ(signed, v))

async def test_after_departure(signed):
    A.both_scan(signed); v=signed.visit(); 
    signed.phone.work(v, answers=[{**in_order(signed.items[:1])[0],"note":"changed"}]); signed.phone.find(v)
    r=await signed.sync(); print("AFTER", [(x['state'],x['reason_en']) for x in r][-2:]); print(await summ(signed,v))

async def test_departure_first(signed):
    v=signed.visit(); q=signed.phone.queue
    for e in reversed(q):
        r=await signed.phone.send(signed.first,[e]); print([(x['state'],x['reason_en'][:60]) for x in r.json()['results']])
    print("REV", await summ(signed,v))

async def test_concurrent(signed):
    A.both_scan(signed); v=signed.visit(); q=list(signed.phone.queue)
    rs=await asyncio.gather(*[signed.phone.send(signed.first,q) for _ in range(5)], signed.manager.post(f"/api/v1/phones/{signed.phone.id}/revoke", json={"reason":"x"}), return_exceptions=True)
    print("CONC",[r.status_code if hasattr(r,'status_code') else repr(r)[:300] for r in rs]); print(await summ(signed,v))
    for r in rs:
        if hasattr(r,'status_code') and r.status_code>=400: print(r.text[:200])

async def test_huge_mono(signed):
    A.both_scan(signed); v=signed.visit()
    b,p=signed.phone.scan_body(signed.place.code)
    signed.phone.append("zone", v, b, p, clock={"session":str(signed.phone.session),"mono_ms":2**53-1})
    await signed.sync(); print("MONO", await summ(signed,v))
    r=await signed.manager.get(f"/api/v1/phones/{signed.phone.id}"); print(r.status_code)

def test_phash():
    from PIL import Image, ImageEnhance, ImageOps
    from backend.visits import picture
    print([n for n in dir(picture) if not n.startswith('_')])
