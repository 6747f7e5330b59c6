"""What the proof of a visit is held to: limits of the questions that `qr.proof` asks, a part of a pack's rules of visits."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from planner.intervals.pack_rule import Days, Part, Rule, Share
from planner.rounds.faults import Fault

Seconds = Annotated[int, Meta(ge=0, le=7 * 86_400)]
Bits = Annotated[int, Meta(ge=0, le=63)]
"""Of a perceptual hash of 64 bits."""


class TimeOnSite(Rule, frozen=True, kw_only=True):
    """How long the checklist of a visit takes."""

    least_share: Share
    """Less than this share of the checklist's usual time is too short for it."""

    most_times: Annotated[float, Meta(ge=1, le=100)]
    """More than so many times its usual time says nothing: a departure was forgotten, or other work was done."""


class ProofClock(Rule, frozen=True, kw_only=True):
    """How far the clock of a phone may be off."""

    tolerance_s: Seconds
    """By so much a phone's clock may differ from the server's."""

    back_dating_s: Seconds
    """A scan that claims a time earlier than possible by more than this is back-dated."""

    width_s: Seconds
    """Where the server's beacons leave more than this between earliest and latest, a scan's time is not bounded."""


class ProofTravel(Rule, frozen=True, kw_only=True):
    """How fast a technician gets from one elevator to the next."""

    highest_kmh: Annotated[int, Meta(ge=5, le=400)]
    """Along the straight line."""

    slack_m: Annotated[int, Meta(ge=0, le=50_000)]
    """So much of the distance is forgiven: registered places are those of sites, not of cars."""


class ProofPosition(Rule, frozen=True, kw_only=True):
    """What an honest position looks like."""

    finest_accuracy_m: Annotated[float, Meta(gt=0, le=100)]
    """No phone knows its place better than this."""

    oldest_fix_s: Seconds
    """A position that was found longer before the scan is stale."""

    frozen_after_s: Seconds
    """Two scans so far apart in time never agree to the last digit."""


class ProofZones(Rule, frozen=True, kw_only=True):
    """How fast a technician gets from one zone of an elevator to another."""

    least_change_s: Seconds


class ProofPeople(Rule, frozen=True, kw_only=True):
    """How long a further technician has to be there."""

    least_share: Share
    """Of the time between arrival and departure, by their own two scans."""


class ProofPhotos(Rule, frozen=True, kw_only=True):
    """When a photo repeats an earlier one, and when it belongs to a visit."""

    same_bits: Bits
    """Perceptual hashes that differ in no more bits are of the same picture."""

    alike_bits: Bits
    """In no more than this: hard to tell apart."""

    slack_s: Seconds
    """A photo may be taken so long before the arrival scan or after the departure scan."""


class ProofLocation(Rule, frozen=True, kw_only=True):
    """How long positions of people are kept, and what stays of them."""

    kept_days: Days
    """Days after a scan; then only whether it was at the site, and a band of distance, stay."""

    bands_m: tuple[Annotated[int, Meta(ge=1, le=1_000_000)], ...]
    """Upper ends of the bands of distance, rising."""


class ProofRules(Part, frozen=True, kw_only=True):
    """What the proof of a visit is held to."""

    time_on_site: TimeOnSite
    clock: ProofClock
    travel: ProofTravel
    position: ProofPosition
    zones: ProofZones
    people: ProofPeople
    photos: ProofPhotos
    location: ProofLocation


def proof_faults(proof: ProofRules) -> list[Fault]:
    """Return what is wrong with the limits of proof: each pair that must not cross."""
    found = []
    if proof.clock.back_dating_s < proof.clock.tolerance_s:
        found.append(Fault("visit.proof.clock.back_dating_s", "is less than tolerance_s; what is tolerated is not back-dated"))
    if proof.photos.alike_bits < proof.photos.same_bits:
        found.append(Fault("visit.proof.photos.alike_bits", "is less than same_bits; the same picture is alike as well"))
    bands = proof.location.bands_m
    if not bands or any(next_m <= band_m for band_m, next_m in pairwise(bands)):
        found.append(Fault("visit.proof.location.bands_m", "give the upper ends of the bands, each more than the one before"))
    return found
