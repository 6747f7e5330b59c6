"""What holds for every code, every key and every text."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from qr import code, crockford
from qr.errors import CodeError
from qr.keys import KeyRing, LabelKey

secrets = st.binary(min_size=32, max_size=32)
ids = st.text(crockford.ALPHABET, min_size=8, max_size=8)
macs = st.text(crockford.ALPHABET, min_size=6, max_size=6)
codes = st.builds(code.ParsedCode, id=ids, mac=macs)


@st.composite
def minted_codes(draw: st.DrawFn) -> tuple[KeyRing, code.LabelCode]:
    ring = KeyRing(
        tuple(LabelKey(epoch, secret) for epoch, secret in enumerate(draw(st.lists(secrets, min_size=1, max_size=3))))
    )
    random = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - repeatable on purpose
    return ring, code.mint(ring, random.randbytes)


@st.composite
def one_change(draw: st.DrawFn, text: str, alphabet: str) -> str:
    """Change one character of a text into another of the alphabet."""
    at = draw(st.integers(0, len(text) - 1))
    other = draw(st.sampled_from([character for character in alphabet if character != text[at]]))
    return text[:at] + other + text[at + 1 :]


@given(codes)
def test_every_code_reads_back_from_every_form(parsed: code.ParsedCode) -> None:
    for text in (parsed.text, parsed.text.lower(), parsed.short_code, code.payload_url(parsed, "https://example.com")):
        assert code.parse(text) == parsed


@given(minted_codes())
def test_every_minted_code_verifies_to_its_epoch(pair: tuple[KeyRing, code.LabelCode]) -> None:
    ring, label = pair
    assert ring.keys[label.epoch] == ring.newest
    found = code.verify(ring, code.parse(label.text))
    assert found is not None
    assert ring.keys[found].secret == ring.newest.secret


@given(minted_codes(), st.data())
def test_any_changed_character_of_a_code_is_refused(pair: tuple[KeyRing, code.LabelCode], data: st.DataObject) -> None:
    ring, label = pair
    mutated = data.draw(one_change(label.id + label.mac, crockford.ALPHABET))
    assert code.verify(ring, code.parse(mutated)) is None


@given(codes, st.data())
def test_the_check_character_catches_every_wrong_character(parsed: code.ParsedCode, data: st.DataObject) -> None:
    typed = parsed.short_code.replace("-", "")
    mutated = data.draw(one_change(typed, crockford.CHECK_ALPHABET))
    refusal = _refusal(mutated)
    assert refusal is not None
    assert refusal.reason in {"check_failed", "wrong_character"}


@given(codes, st.integers(0, 13))
def test_the_check_character_catches_every_swap_of_neighbours(parsed: code.ParsedCode, at: int) -> None:
    typed = parsed.short_code.replace("-", "")
    swapped = typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :]
    assert swapped == typed or _refusal(swapped) is not None


@given(st.text() | st.text(crockford.CHECK_ALPHABET + "abcoil/:?#- ", max_size=20) | codes.map(lambda parsed: parsed.text))
def test_any_text_is_a_code_or_one_clear_refusal(text: str) -> None:
    refusal = _refusal(text)
    if refusal:
        assert refusal.text.zh
        assert refusal.text.en
    else:
        assert _refusal(code.parse(text).text) is None


def _refusal(text: str) -> CodeError | None:
    try:
        code.parse(text)
    except CodeError as error:
        return error
    return None


@settings(max_examples=25, deadline=None)
@given(codes)
def test_all_single_substitutions_and_all_swaps_of_neighbours_of_a_typed_code_are_found(parsed: code.ParsedCode) -> None:
    """Every one of them, not a sample: 15 places by 36 other characters, and 14 swaps."""
    typed = parsed.short_code.replace("-", "")
    for at, right in enumerate(typed):
        for wrong in crockford.CHECK_ALPHABET:
            if wrong != right:
                assert _refusal(typed[:at] + wrong + typed[at + 1 :]) is not None
    for at in range(len(typed) - 1):
        swapped = typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :]
        assert swapped == typed or _refusal(swapped) is not None


@given(codes, st.randoms(use_true_random=False))
def test_look_alikes_and_separators_as_people_type_them_read_the_same(parsed: code.ParsedCode, random: Random) -> None:
    said = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(random.choice(said.get(character, character + character.lower())) for character in parsed.short_code)
    assert code.parse(typed.replace("-", random.choice(["", "-", " ", " – ", "−"]))) == parsed


@given(st.lists(secrets, min_size=2, max_size=3, unique=True), st.integers(0, 2**32), st.data())
def test_a_retired_key_vouches_for_its_own_codes_only_and_never_through_verify(
    made_of: list[bytes], seed: int, data: st.DataObject
) -> None:
    old = KeyRing((LabelKey(0, made_of[0]),))
    label = code.mint(old, Random(seed).randbytes)  # noqa: S311 - repeatable on purpose
    retired = KeyRing(
        (LabelKey(0, made_of[0], retired=True), *(LabelKey(n, secret) for n, secret in enumerate(made_of[1:], start=1)))
    )
    assert code.verify(retired, label) is None
    assert code.verify_retired(retired, label) == 0
    assert code.rebuild(retired, label.id, 0) is None
    assert code.rebuild(retired, label.id, 0, kept=True) == label
    mutated = code.parse(data.draw(one_change(label.id + label.mac, crockford.ALPHABET)))
    assert code.verify_retired(retired, mutated) is None
