"""Limits of proof: every pack has them, each says where it comes from, and those that must not cross are refused."""

from __future__ import annotations

from importlib import resources

import pytest

from planner.intervals.pack_faults import rules_of
from planner.intervals.rules import FaultyInputError, load_pack, pack_ids, parse_pack

FIXED = resources.files("planner.intervals").joinpath("packs/cn-fixed-15.toml").read_text("utf-8")


@pytest.mark.parametrize("pack", pack_ids())
def test_every_pack_has_all_limits_of_proof_with_their_sources(pack: str) -> None:
    found = dict(rules_of(load_pack(pack).visit.proof, "visit.proof"))
    assert {path.removeprefix("visit.proof.") for path in found} == {
        "time_on_site", "clock", "travel", "position", "zones", "people", "photos", "location",
    }  # fmt: skip
    assert all(rule.id == path for path, rule in found.items())


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("back_dating_s = 900", "back_dating_s = 60", "visit.proof.clock.back_dating_s"),
        ("alike_bits = 8", "alike_bits = 2", "visit.proof.photos.alike_bits"),
        ("bands_m = [50, 150, 500, 2000]", "bands_m = [50, 50]", "visit.proof.location.bands_m"),
        ("bands_m = [50, 150, 500, 2000]", "bands_m = []", "visit.proof.location.bands_m"),
    ],
)
def test_limits_that_cross_are_refused(before: str, after: str, path: str) -> None:
    assert before in FIXED
    with pytest.raises(FaultyInputError) as caught:
        parse_pack(FIXED.replace(before, after), "cn-fixed-15")
    assert [fault.path for fault in caught.value.faults] == [path]
