"""A simulated register of Taizhou: places, owners and elevators that could be there, and are not.

District centres and the rough share of each district are facts of the map (OpenStreetMap, WGS-84); every name, number and
date is drawn by lot. Names of places are made of common words, so that nobody real is meant.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from msgspec import Struct


class District(NamedTuple):
    """A district or county-level city: names, centre, how far its places lie around it, its share of the elevators."""

    name_zh: str
    name_en: str
    lat: float
    lon: float
    spread_km: float
    share: float


DISTRICTS = (
    District("椒江区", "Jiaojiang", 28.6660, 121.4300, 4.0, 0.24),
    District("黄岩区", "Huangyan", 28.6480, 121.2600, 3.5, 0.16),
    District("路桥区", "Luqiao", 28.5810, 121.3700, 3.5, 0.18),
    District("临海市", "Linhai", 28.8560, 121.1400, 3.0, 0.16),
    District("温岭市", "Wenling", 28.3700, 121.3800, 3.5, 0.18),
    District("玉环市", "Yuhuan", 28.1330, 121.2300, 2.0, 0.08),
)


class Kind(NamedTuple):
    """A kind of building: its word, its share, elevators per building (fewest, most), stops, rated load."""

    kind: str
    words: tuple[str, ...]
    share: float
    elevators: tuple[int, int]
    stops: tuple[int, int]
    load_kg: tuple[int, ...]


KINDS = (
    Kind("residential", ("花园", "家园", "公寓", "小区", "名邸"), 0.58, (2, 6), (8, 33), (800, 1000)),
    Kind("office", ("大厦", "中心", "商务楼"), 0.16, (2, 6), (9, 30), (1000, 1350)),
    Kind("mall", ("广场", "商城", "购物中心"), 0.09, (3, 8), (4, 7), (1350, 1600)),
    Kind("hotel", ("宾馆", "酒店"), 0.07, (2, 4), (8, 22), (1000,)),
    Kind("hospital", ("医院", "门诊部"), 0.05, (2, 6), (6, 18), (1600,)),
    Kind("school", ("学校", "学院"), 0.05, (1, 2), (5, 7), (1000,)),
)

_FIRST_WORDS = (
    "云西",
    "海门",
    "葭沚",
    "景元",
    "东港",
    "永宁",
    "方山",
    "枫南",
    "星光",
    "金水",
    "桐屿",
    "蓝庭",
    "翠屏",
    "江滨",
    "南官",
    "白云",
    "育英",
    "府前",
    "锦绣",
    "和合",
    "橘源",
    "九龙",
    "灵湖",
    "崇和",
    "太平",
    "坎门",
    "榴岛",
    "飞龙",
)
_MAKERS = ("Simulated A", "Simulated B", "Simulated C", "Simulated D")
_PROPERTY_FIRMS = ("安居物业", "万和物业", "海岸物业", "橘乡物业", "和合物业", "江城物业", "绿城桥物业", "同心物业")
_KM_PER_DEGREE = 111.2
_MOST_ON_DEMAND_AGE_YEARS = 9


class PlaceOfCity(Struct, frozen=True):
    """A building with its owner."""

    code: str
    name: str
    owner: str
    officer: str
    phone: str
    address: str
    district: District
    kind: Kind
    lat: float
    lon: float


def register(count: int, today: date, seed: int) -> Iterator[dict[str, object]]:
    """Yield the rows of a register with this many elevators, in the columns that `liftrounds import elevators` takes.

    Parameters
    ----------
    count
        Elevators, 1 or more.
    today
        Day against which ages, last visits and inspection dates are drawn.
    seed
        The same seed gives the same city.
    """
    rng = random.Random(seed)  # noqa: S311 - a made-up city, not a secret
    made = 0
    for number, place in enumerate(_places(rng), start=1):
        wanted = min(count - made, rng.randint(*place.kind.elevators))
        on_demand = place.kind.kind not in ("hospital", "school") and rng.random() < 0.36
        born = today - timedelta(days=rng.randint(400, 365 * (_MOST_ON_DEMAND_AGE_YEARS if on_demand else 18)))
        for unit in range(1, wanted + 1):
            made += 1
            yield _row(rng, place, number, unit, made, born, today, on_demand)
        if made >= count:
            return


def _places(rng: random.Random) -> Iterator[PlaceOfCity]:
    number = 0
    used: set[str] = set()
    while True:
        number += 1
        district = rng.choices(DISTRICTS, [each.share for each in DISTRICTS])[0]
        kind = rng.choices(KINDS, [each.share for each in KINDS])[0]
        name = district.name_zh[:2] + rng.choice(_FIRST_WORDS) + rng.choice(kind.words)
        if name in used:
            name += f"{number}期"
        used.add(name)
        owner = district.name_zh[:2] + rng.choice(_PROPERTY_FIRMS) if kind.kind in ("residential", "office") else name
        street = rng.choice(_FIRST_WORDS)
        yield PlaceOfCity(
            code=f"TZ{number:04d}",
            name=name,
            owner=owner,
            officer=rng.choice("王李张陈林金徐叶") + rng.choice(("建国", "敏", "秀英", "伟", "晓东", "丽")),
            phone=f"138{rng.randrange(10**8):08d}",
            address=f"台州市{district.name_zh}{street}路{rng.randint(1, 899)}号",
            district=district,
            kind=kind,
            lat=district.lat + rng.gauss(0, district.spread_km / 2) / _KM_PER_DEGREE,
            lon=district.lon + rng.gauss(0, district.spread_km / 2) / (_KM_PER_DEGREE * 0.877),
        )


def _row(
    rng: random.Random, place: PlaceOfCity, site: int, unit: int, made: int, born: date, today: date, on_demand: bool
) -> dict[str, object]:
    stops = rng.randint(*place.kind.stops)
    bank = (unit + 1) // 2
    last = today - timedelta(days=rng.randint(1, 27 if on_demand else 14))
    inspected_on = today - timedelta(days=rng.randint(5, 330))
    row: dict[str, object] = {
        "registration_code": f"30103310{born:%Y%m}{made:06d}",
        "rescue_code": f"{300000 + made:06d}",
        "unit_name": f"{bank}号楼{unit}号梯" if place.kind.kind == "residential" else f"{unit}号梯",
        "bank": f"B{bank}",
        "equipment_type": "traction_or_positive_drive_lift",
        "owner": place.owner,
        "owner_safety_officer": place.officer,
        "owner_phone": place.phone,
        "site_code": place.code,
        "site": place.name,
        "address": place.address,
        "district": place.district.name_zh,
        "site_kind": place.kind.kind,
        "lat": round(place.lat, 6),
        "lon": round(place.lon, 6),
        "manufacturer": rng.choice(_MAKERS),
        "model": f"SIM-{rng.choice((100, 200, 300))}",
        "rated_load_kg": rng.choice(place.kind.load_kg),
        "rated_speed_m_s": "1.75" if stops > 12 else "1.0",
        "stops": stops,
        "travel_m": f"{(stops - 1) * 2.9:.1f}",
        "in_use_since": born,
        "inspected_on": inspected_on,
        "inspection_due_on": inspected_on + timedelta(days=365),
        "last_visit_on": last,
        "last_quarter_on": today - timedelta(days=rng.randint(3, 80)),
        "last_half_year_on": today - timedelta(days=rng.randint(5, 165)),
        "last_year_on": today - timedelta(days=rng.randint(10, 345)),
        "contract": f"HT-{place.code}",
        "contract_starts_on": today - timedelta(days=400),
        "insurance_until": today + timedelta(days=200),
    }
    if on_demand:
        since = today - timedelta(days=rng.randint(120, 360))
        row |= {"mode": "on_demand", "rule_pack": "cn-on-demand-30", "monitored_since": since, "on_demand_filed_on": since,
                "on_demand_consent_on": since, "on_demand_filing": f"台按需备〔2026〕{site:03d}号"}  # fmt: skip
    return row
