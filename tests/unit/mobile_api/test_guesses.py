"""Wrong codes are held back per client, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mobile_api import guesses
from mobile_api.guesses import MOST_CLIENTS, MOST_REFUSED, WINDOW, Guesses

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


def tired(client: str = "a") -> Guesses:
    counts = Guesses()
    for _ in range(MOST_REFUSED):
        assert counts.wait_s(client, NOW) is None
        counts.note(client, NOW)
    return counts


def test_a_client_waits_after_too_many_wrong_codes_until_the_window_ends() -> None:
    counts = tired()
    assert counts.wait_s("a", NOW) == WINDOW.total_seconds() + 1
    assert counts.wait_s("a", NOW + WINDOW - timedelta(seconds=1)) == 2
    assert counts.wait_s("a", NOW + WINDOW) is None


def test_another_client_does_not_wait() -> None:
    assert tired().wait_s("b", NOW) is None


def test_after_the_window_counting_begins_anew() -> None:
    counts = tired()
    counts.note("a", NOW + WINDOW)
    assert counts.wait_s("a", NOW + WINDOW) is None


def test_only_so_many_clients_are_remembered_and_the_latest_ones_are() -> None:
    counts = tired()
    for number in range(MOST_CLIENTS - 1):
        counts.note(str(number), NOW)
    assert counts.wait_s("a", NOW) is not None
    counts.note("one more", NOW)
    assert counts.wait_s("a", NOW) is None


class _Request:
    def __init__(self, host: str | None) -> None:
        self.client = type("Client", (), {"host": host})() if host is not None else None


def test_of_ipv6_the_whole_network_is_one_client() -> None:
    first, second = (guesses.client_of(_Request(host)) for host in ("2001:db8::1", "2001:db8::ffff:2"))  # type: ignore[arg-type]
    assert first == second == "2001:db8::/64"
    assert guesses.client_of(_Request("2001:db8:0:1::1")) != first  # type: ignore[arg-type]


def test_other_addresses_are_taken_as_they_are() -> None:
    assert [guesses.client_of(_Request(host)) for host in ("192.0.2.7", "testclient", None)] == ["192.0.2.7", "testclient", ""]  # type: ignore[arg-type]
