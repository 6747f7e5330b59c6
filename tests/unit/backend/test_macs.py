"""Keyed hashes of what is short: nothing without the installation's secret, and nothing of one use in another."""

from __future__ import annotations

import hashlib

from backend.macs import fits, mac_of
from backend.phones.invites import hash_of


def test_an_invitation_is_kept_under_the_installations_secret() -> None:
    kept = hash_of("ABCD1234", "one")
    assert kept == hash_of("ABCD1234", "one")
    assert len({kept, hash_of("ABCD1234", "other"), hash_of("ABCD1235", "one")}) == 3
    assert kept != hashlib.sha256(b"liftrounds phone invite:ABCD1234").hexdigest(), "a plain hash can be tried out: 2^40"


def test_the_same_text_has_another_hash_in_each_use() -> None:
    kept = mac_of("secret", "one use", "1").finalize().hex()
    assert fits(mac_of("secret", "one use", "1"), kept)
    assert not fits(mac_of("secret", "another use", "1"), kept)
    assert not fits(mac_of("secret", "one use", "1"), "no hash")


def test_what_is_no_unicode_is_hashed_and_fits_nothing() -> None:
    assert hash_of("\ud800", "secret") != hash_of("ABCD1234", "secret")
