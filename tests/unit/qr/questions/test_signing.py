"""Signature, key, chain and clocks: one case that keeps each rule, one that breaks it, and what nothing can decide."""

from datetime import timedelta

import msgspec
import pytest

from qr.chain import ChainFault, ChainReport, ChainState, ClockSign, FaultKind
from qr.checks import CheckName, Outcome
from qr.errors import Bilingual
from qr.evidence import KeyState, SignatureState
from qr.proof import Check, check_visit
from tests.support.proof import GOOD, LIMITS, bounds, scan, unsigned

SAID = Bilingual(zh="缺少第 7 条。", en="Entry 7 is missing.")


def check(name: CheckName, **changes: object) -> Check:
    return check_visit(msgspec.structs.replace(GOOD, **changes), LIMITS)[name]


def report(*kinds: FaultKind, state: ChainState = ChainState.WHOLE) -> ChainReport:
    return ChainReport(state=state, faults=tuple(ChainFault(kind=kind, seq=7, reason=SAID) for kind in kinds))


@pytest.mark.parametrize("name", [CheckName.SIGNED, CheckName.KEY, CheckName.CHAIN, CheckName.TIME_BOUNDED])
def test_what_a_phone_signed_passes_and_an_unsigned_visit_is_skipped(name: CheckName) -> None:
    assert check(name).outcome is Outcome.PASSED
    answer = check(name, arrival=unsigned(), departure=unsigned(3600), chain=None)
    assert answer.outcome is Outcome.SKIPPED
    assert answer.reason.en == "No phone signed the scans."


def test_one_unsigned_scan_is_enough_to_leave_the_question_open() -> None:
    assert check(CheckName.SIGNED, departure=unsigned(3600)).outcome is Outcome.SKIPPED


def test_a_signature_that_does_not_fit_fails() -> None:
    answer = check(CheckName.SIGNED, departure=scan(3600, signature=SignatureState.INVALID))
    assert answer.outcome is Outcome.FAILED
    assert "departure" in answer.reason.en


@pytest.mark.parametrize("state", [KeyState.REVOKED, KeyState.OTHERS, KeyState.UNKNOWN])
def test_a_key_that_is_not_the_technicians_own_fails(state: KeyState) -> None:
    answer = check(CheckName.KEY, arrival=scan(key=state))
    assert answer.outcome is Outcome.FAILED
    assert answer.reason.en.startswith("The key of the phone at arrival ")


@pytest.mark.parametrize(
    "kind", [FaultKind.CUT, FaultKind.FORKED, FaultKind.REORDERED, FaultKind.MONOTONIC_BACK, FaultKind.BEACON_AHEAD]
)
def test_every_fault_of_the_chain_fails_and_says_which(kind: FaultKind) -> None:
    answer = check(CheckName.CHAIN, chain=report(kind))
    assert answer.outcome is Outcome.FAILED
    assert "Entry 7 is missing." in answer.reason.en
    assert "缺少第 7 条" in answer.reason.zh


def test_an_entry_that_was_only_sent_twice_breaks_nothing() -> None:
    assert check(CheckName.CHAIN, chain=report(FaultKind.REPEATED, state=ChainState.REPEATED)).outcome is Outcome.PASSED


def test_a_late_upload_is_fine_where_server_times_bound_it() -> None:
    late = scan(3600, bounds=bounds(scan(3600).at, behind_s=11 * 3600))
    assert check(CheckName.TIME_BOUNDED, departure=late).outcome is Outcome.PASSED
    assert check(CheckName.CLOCK, departure=late).outcome is Outcome.PASSED


def test_bounds_that_lie_far_apart_leave_the_time_open() -> None:
    at = scan(3600).at
    loose = scan(3600, bounds=bounds(at, before_s=60, behind_s=LIMITS.width_s))
    answer = check(CheckName.TIME_BOUNDED, departure=loose)
    assert answer.outcome is Outcome.SKIPPED
    assert answer.reason.en == "The server's bounds of departure lie 12 h apart."
    exactly = scan(3600, bounds=bounds(at, before_s=60, behind_s=LIMITS.width_s - 60))
    assert check(CheckName.TIME_BOUNDED, departure=exactly).outcome is Outcome.PASSED


def test_without_a_server_time_before_it_a_scan_is_not_bounded() -> None:
    never = scan(bounds=bounds(scan().at, earliest_ms=None))
    assert check(CheckName.TIME_BOUNDED, arrival=never).outcome is Outcome.SKIPPED


def test_a_claim_earlier_than_possible_by_more_than_the_pack_allows_is_back_dated() -> None:
    at = scan(3600).at

    def set_back(seconds: int) -> object:
        return scan(
            3600, bounds=bounds(at, claimed=at - timedelta(seconds=seconds), sign=ClockSign.BACK, off_ms=seconds * 1000)
        )

    assert check(CheckName.TIME_BOUNDED, departure=set_back(LIMITS.back_dating_s)).outcome is Outcome.PASSED
    assert check(CheckName.TIME_BOUNDED, departure=set_back(LIMITS.back_dating_s + 1)).outcome is Outcome.FAILED
    assert check(CheckName.CLOCK, departure=set_back(LIMITS.back_dating_s)).outcome is Outcome.FAILED


def test_a_clock_set_back_within_a_session_shows_although_no_beacon_came() -> None:
    jumped = scan(3600, bounds=bounds(scan(3600).at, jump_ms=-3_600_000))
    assert check(CheckName.TIME_BOUNDED, departure=jumped).outcome is Outcome.FAILED


def test_clocks_that_contradict_each_other_fail() -> None:
    assert check(CheckName.TIME_BOUNDED, arrival=scan(bounds=bounds(scan().at, contradicted=True))).outcome is Outcome.FAILED


def test_a_clock_within_the_tolerance_is_right_and_one_beyond_is_not() -> None:
    at = scan().at
    right = scan(bounds=bounds(at, sign=ClockSign.AHEAD, off_ms=LIMITS.tolerance_s * 1000))
    wrong = scan(bounds=bounds(at, sign=ClockSign.AHEAD, off_ms=LIMITS.tolerance_s * 1000 + 1))
    assert check(CheckName.CLOCK, arrival=right).outcome is Outcome.PASSED
    assert check(CheckName.CLOCK, arrival=wrong).outcome is Outcome.FAILED


def test_an_unsigned_scan_rests_on_its_receipt() -> None:
    at = scan(3600).at
    prompt, late = (
        unsigned(3600, received_at=at + timedelta(minutes=15)),
        unsigned(3600, received_at=at + timedelta(minutes=16)),
    )
    first = unsigned(received_at=scan().at)
    assert check(CheckName.CLOCK, arrival=first, departure=prompt).outcome is Outcome.PASSED
    assert check(CheckName.CLOCK, arrival=first, departure=late).outcome is Outcome.SKIPPED
    assert check(CheckName.CLOCK, arrival=first, departure=unsigned(3600, ahead_s=5)).outcome is Outcome.FAILED
