"""Label codes: minted, written, read as people type them, verified."""

import hashlib
import hmac
from random import Random

import pytest

from qr import code, crockford, keys
from qr.errors import CodeError, PrintError
from qr.keys import KeyRing, LabelKey, RandomBytes

RING = KeyRing((LabelKey(0, bytes(32)), LabelKey(1, bytes(range(32)))))
CODE = code.ParsedCode(id="8KQ3T4ZV", mac="XABC0D")


def seeded(seed: int) -> RandomBytes:
    return Random(seed).randbytes  # noqa: S311 - repeatable on purpose


def minted(ring: KeyRing = RING) -> code.LabelCode:
    return code.mint(ring, seeded(1))


def test_the_mac_is_the_first_30_bits_of_hmac_sha256_over_the_id() -> None:
    label = minted()
    digest = hmac.digest(bytes(range(32)), b"liftrounds label v1:" + label.id.encode(), hashlib.sha256)
    bits = f"{int.from_bytes(digest, 'big'):0256b}"[:30]
    expected = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[int(bits[at : at + 5], 2)] for at in range(0, 30, 5))
    assert label.mac == expected


def test_a_code_is_minted_with_the_newest_key_from_five_random_bytes() -> None:
    label = minted()
    assert label.epoch == 1
    assert label.id == crockford.encode(int.from_bytes(seeded(1)(5), "big"), 8)
    assert len(label.id) == 8
    assert len(label.mac) == 6


def test_no_minted_check_character_is_hard_to_type() -> None:
    random_bytes = seeded(2)
    short_codes = [code.mint(RING, random_bytes).short_code for _ in range(400)]
    assert all(set("*~$=").isdisjoint(short_code) for short_code in short_codes)
    assert any(short_code.endswith("U") for short_code in short_codes)


def test_a_source_of_randomness_that_repeats_itself_ends_in_an_error_not_in_a_loop() -> None:
    def mint_with_constant(number: int) -> code.LabelCode:
        return code.mint(RING, lambda length: number.to_bytes(length, "big"))

    # 4 of 37 ids are drawn again; among 200 constants some are such ids.
    with pytest.raises(ValueError, match="must not repeat itself"):
        list(map(mint_with_constant, range(200)))


def test_the_short_code_is_three_groups_of_five_with_the_check_character_last() -> None:
    assert CODE.text == "8KQ3T4ZV-XABC0D"
    assert CODE.short_code[:-1] == "8KQ3T-4ZVXA-BC0D"
    assert len(CODE.short_code) == 17


@pytest.mark.parametrize(
    "text",
    [
        "8KQ3T4ZV-XABC0D",
        "8kq3t4zv-xabc0d",
        "8KQ3T4ZVXABC0D",
        " 8KQ3 T4ZV – XABC 0D \n",
        "8kq3t4zvxabcOd",
        "8KQ3T4ZV‑XABC0D",  # non-breaking hyphen
        "８ＫＱ３Ｔ４ＺＶ－ＸＡＢＣ０Ｄ",  # full width, as a Chinese keyboard gives it
        "\ufeff8KQ3T4ZV-XABC0D\u200b",
        CODE.short_code,
        CODE.short_code.lower().replace("-", " "),
        "HTTPS://LIFTROUNDS.EXAMPLE/E/8KQ3T4ZV-XABC0D",
        "https://liftrounds.example/e/8kq3t4zv-xabc0d",
        "http://127.0.0.1:8000/E/8KQ3T4ZV-XABC0D/",
        "https://liftrounds.example/e/8KQ3T4ZV-XABC0D?from=wechat&lang=en#top",
        "liftrounds.example/e/8KQ3T4ZV-XABC0D",
        f"liftrounds.example/e/{CODE.short_code}",
        "/e/8KQ3T4ZV-XABC0D",
    ],
)
def test_a_code_is_read_as_it_is_scanned_opened_or_typed(text: str) -> None:
    assert code.parse(text) == CODE


def test_one_and_zero_may_be_typed_as_letters() -> None:
    assert code.parse("iLoO0000-000000") == code.parse("11000000-000000")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("https://liftrounds.example/e/", "empty"),
        ("8KQ3T4ZV-XABC0", "wrong_length"),
        ("8KQ3T4ZV-XABC0DD0", "wrong_length"),
        ("8KQ3T4ZV-XABCUD", "wrong_character"),
        ("8KQ3T4ZV-XABC*D", "wrong_character"),
        ("8KQ3T4ZV-XABC0D!", "wrong_character"),
        ("8KQ3T4ZV-电梯ABC0", "wrong_character"),
        ("https://example.com/", "not_a_label_url"),
        ("https://example.com/other/8KQ3T4ZV-XABC0D", "not_a_label_url"),
        ("https://example.com/the/8KQ3T4ZV-XABC0D", "not_a_label_url"),
        ("weixin://dl/business/?t=1", "not_a_label_url"),
        ("A" * 513, "too_long"),
    ],
)
def test_what_is_no_code_is_refused_with_a_reason_in_both_languages(text: str, reason: str) -> None:
    with pytest.raises(CodeError) as caught:
        code.parse(text)
    assert caught.value.reason == reason
    assert caught.value.text.zh
    assert str(caught.value) == caught.value.text.en


def test_a_wrong_character_is_named_with_its_place() -> None:
    with pytest.raises(CodeError, match="Character 13 is 'U'"):
        code.parse("8KQ3T4ZV-XABCUD")


def test_a_mistyped_short_code_is_caught_by_its_check_character() -> None:
    assert CODE.short_code.startswith("8KQ3T")
    with pytest.raises(CodeError) as caught:
        code.parse("8QK3T" + CODE.short_code[5:])
    assert caught.value.reason == "check_failed"


def test_a_genuine_code_verifies_to_its_epoch() -> None:
    old = minted(KeyRing(RING.keys[:1]))
    assert code.verify(RING, old) == 0
    assert code.verify(RING, minted()) == 1
    assert code.verify(RING, code.parse(minted().short_code)) == 1


def test_an_invented_code_does_not_verify() -> None:
    assert code.verify(RING, CODE) is None


def test_a_code_of_a_retired_key_does_not_verify() -> None:
    old = minted(KeyRing(RING.keys[:1]))
    assert code.verify(keys.retire(RING, 0), old) is None


def test_another_installations_code_does_not_verify() -> None:
    assert code.verify(RING, minted(keys.generate(seeded(9)))) is None


@pytest.mark.parametrize(
    ("public_url", "url"),
    [
        ("https://liftrounds.example", "HTTPS://LIFTROUNDS.EXAMPLE/E/8KQ3T4ZV-XABC0D"),
        ("https://liftrounds.example/", "HTTPS://LIFTROUNDS.EXAMPLE/E/8KQ3T4ZV-XABC0D"),
        ("liftrounds.example", "HTTPS://LIFTROUNDS.EXAMPLE/E/8KQ3T4ZV-XABC0D"),
        ("elevators.example:8443", "HTTPS://ELEVATORS.EXAMPLE:8443/E/8KQ3T4ZV-XABC0D"),
        ("http://127.0.0.1:8000", "HTTP://127.0.0.1:8000/E/8KQ3T4ZV-XABC0D"),
    ],
)
def test_the_payload_is_an_upper_case_url_at_the_public_host(public_url: str, url: str) -> None:
    assert code.payload_url(CODE, public_url) == url
    assert code.parse(url) == CODE


@pytest.mark.parametrize(
    "public_url",
    ["", "https://", "https://host/path", "https://user@host", "https://[::1]", "https://电梯.cn", "ftp://host", "-host"],
)
def test_a_public_url_that_does_not_fit_a_label_is_refused_with_the_way_out(public_url: str) -> None:
    with pytest.raises(PrintError, match="write https://host or host:port") as caught:
        code.payload_url(CODE, public_url)
    assert caught.value.reason == "public_url"


def test_a_code_is_made_again_from_its_id_and_epoch_while_its_key_is_not_retired() -> None:
    label = minted()
    assert code.rebuild(RING, label.id, label.epoch) == label
    rotated = keys.rotate(RING, seeded(9))
    assert code.rebuild(rotated, label.id, label.epoch) == label
    assert code.rebuild(keys.retire(rotated, label.epoch), label.id, label.epoch) is None
    assert code.rebuild(RING, label.id, 7) is None
