"""Passkeys belong to a host name over HTTPS, or to this machine."""

from __future__ import annotations

import pytest

from backend.errors import Conflict
from backend.people.relying_party import NO_HTTPS, NO_NAME, RelyingParty, relying_party, why_none


@pytest.mark.parametrize(
    ("address", "party", "origin"),
    [
        ("https://lifts.example.cn", "lifts.example.cn", "https://lifts.example.cn"),
        ("https://Lifts.Example.cn:443", "lifts.example.cn", "https://lifts.example.cn"),
        ("https://lifts.example.cn:8443", "lifts.example.cn", "https://lifts.example.cn:8443"),
        ("https://电梯.example", "xn--b1v10y.example", "https://xn--b1v10y.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:80", "localhost", "http://localhost"),
    ],
)
def test_an_address_with_a_name_has_passkeys(address: str, party: str, origin: str) -> None:
    assert relying_party(address) == RelyingParty(party, origin)
    assert why_none(address) == ""


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://192.168.1.7", NO_NAME), ("http://192.168.1.7:8000", NO_NAME), ("https://[2001:db8::1]", NO_NAME),
        ("http://lifts.example.cn", NO_HTTPS), ("http://localhost.example.cn", NO_HTTPS),
    ],
)  # fmt: skip
def test_a_number_or_plain_http_has_none_and_it_says_why(address: str, why: str) -> None:
    assert why_none(address) == why
    with pytest.raises(Conflict):
        relying_party(address)
