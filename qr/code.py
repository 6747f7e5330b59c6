"""The code on a label: minting, writing, reading and verifying it.

A code is ``{id}-{mac}``: 8 characters of random id (40 bits) and 6 of a truncated HMAC-SHA256 over that id (30 bits),
both in Crockford's base 32. The QR payload is ``HTTPS://HOST/E/{id}-{mac}``, all upper case so that it stays in the
QR code's alphanumeric mode. By hand the same 14 characters are typed in groups of five, with a fifteenth, the check
character, that catches typing errors before any key is asked: ``8KQ3T-4ZVXA-BC0D7``.

A label is public, so a genuine code proves nothing about a visit; the MAC only keeps people from inventing codes.
Thirty bits do not stop somebody who may guess without limit: the service has to limit the rate of unknown codes.

The key epoch is not part of the code. `verify` tries all keys that are not retired, always all of them, and compares in
constant time; a ring holds a handful of keys, so that costs microseconds and the label needs no character for it.
"""

import re
import unicodedata
from typing import Final

import msgspec
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from qr import crockford
from qr.errors import Bilingual, CodeError, PrintError
from qr.keys import KeyRing, LabelKey, RandomBytes

ID_CHARACTERS: Final = 8
MAC_CHARACTERS: Final = 6
CODE_CHARACTERS: Final = ID_CHARACTERS + MAC_CHARACTERS

_ID_BYTES: Final = 5
_MAC_CONTEXT: Final = b"liftrounds label v1:"
"""Put before the id, so that a MAC made for another purpose with the same key is never a label's."""

_GROUP_CHARACTERS: Final = 5
_HARD_TO_TYPE: Final = frozenset("*~$=")
_MINT_ATTEMPTS: Final = 64
_LONGEST_INPUT: Final = 512
"""Characters read at most; a label's URL has under 100."""

_LABEL_URL: Final = re.compile(r"(?:https?://)?(?:[^/?#]*/)?e/(?P<code>[^/?#]*)/?(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_PUBLIC_URL: Final = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?)/?", re.IGNORECASE
)


class ParsedCode(msgspec.Struct, frozen=True):
    """A code that is well formed; whether it is genuine only `verify` tells.

    Parameters
    ----------
    id : str
        8 characters of Crockford base 32, upper case. Names the label in the database.
    mac : str
        6 such characters.
    """

    id: str
    mac: str

    @property
    def text(self) -> str:
        """``{id}-{mac}``, as in the URL."""
        return f"{self.id}-{self.mac}"

    @property
    def short_code(self) -> str:
        """The form to type by hand: three groups of five, the last character is the check character."""
        characters = self.id + self.mac
        characters += crockford.check_character(characters)
        starts = range(0, len(characters), _GROUP_CHARACTERS)
        return "-".join(characters[start : start + _GROUP_CHARACTERS] for start in starts)


class LabelCode(ParsedCode, frozen=True):
    """A code that was just minted.

    Parameters
    ----------
    epoch : int
        Epoch of the key that made the MAC; record it beside the id.
    """

    epoch: int


def mint(ring: KeyRing, random_bytes: RandomBytes) -> LabelCode:
    """Make a new code with the newest key.

    Ids are drawn again while the check character would be one of ``* ~ $ =``, which are hard to find on a phone's
    keyboard (4 of 37 draws). Two codes can have the same id (expect half a pair among a million labels): the
    database's unique index tells, mint again then.

    Parameters
    ----------
    ring : KeyRing
        Keys of this installation.
    random_bytes : RandomBytes
        Source of randomness, `secrets.token_bytes` in production.

    Returns
    -------
    LabelCode
        The new code.

    Raises
    ------
    ValueError
        If the source of randomness repeats itself.
    """
    key = ring.newest
    for _ in range(_MINT_ATTEMPTS):
        label_id = crockford.encode(int.from_bytes(random_bytes(_ID_BYTES), "big"), ID_CHARACTERS)
        code = LabelCode(id=label_id, mac=_mac(key, label_id), epoch=key.epoch)
        if _HARD_TO_TYPE.isdisjoint(code.short_code):
            return code
    raise ValueError(f"random_bytes: {_MINT_ATTEMPTS} draws gave no usable id; it must not repeat itself")


def rebuild(ring: KeyRing, label_id: str, epoch: int, *, kept: bool = False) -> LabelCode | None:
    """Make the code of a known label again, to print or show it.

    Parameters
    ----------
    ring : KeyRing
        Keys of this installation.
    label_id : str
        The code's first half, as `mint` drew it.
    epoch : int
        Epoch of the key that made the second half.
    kept : bool
        The label is on the allow-list: a retired key serves as well.

    Returns
    -------
    LabelCode or None
        None if the ring has no such key or it is retired: the label has to be replaced.
    """
    for key in ring.keys if kept else ring.verifying:
        if key.epoch == epoch:
            return LabelCode(id=label_id, mac=_mac(key, label_id), epoch=epoch)
    return None


def parse(text: str) -> ParsedCode:
    """Read a code as it is scanned, opened as a link or typed by hand.

    Accepted are the full URL (any host, any case, with or without scheme, query and trailing slash), the path
    ``/e/{code}``, the bare code, and the short code with its check character; lower case, full-width characters,
    o for 0 and i or l for 1, and spaces and dashes anywhere.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    ParsedCode
        The well-formed code.

    Raises
    ------
    CodeError
        With reason ``too_long``, ``not_a_label_url``, ``empty``, ``wrong_length``, ``wrong_character`` or
        ``check_failed``.
    """
    if len(text) > _LONGEST_INPUT:
        raise CodeError(
            "too_long",
            Bilingual(
                zh=f"内容过长（{len(text)} 个字符），不是电梯标签码。",
                en=f"This is no label code: {len(text)} characters are too many.",
            ),
        )
    characters = crockford.plain(_without_separators(_code_part(unicodedata.normalize("NFKC", text))))
    _require_length(characters)
    body, check = characters[:CODE_CHARACTERS], characters[CODE_CHARACTERS:]
    _require_alphabet(body, crockford.ALPHABET, first_position=1)
    _require_alphabet(check, crockford.CHECK_ALPHABET, first_position=CODE_CHARACTERS + 1)
    if check and check != crockford.check_character(body):
        raise CodeError(
            "check_failed",
            Bilingual(
                zh="校验字符不符：有一个字符输错或两个相邻字符颠倒，请对照标签重新输入。",
                en="The check character does not fit: a character is wrong or two are swapped. Compare with the label.",
            ),
        )
    return ParsedCode(id=body[:ID_CHARACTERS], mac=body[ID_CHARACTERS:])


def verify(ring: KeyRing, code: ParsedCode) -> int | None:
    """Tell which key made a code.

    Every key that is not retired is tried, in constant time: the duration tells neither how much of the MAC was right
    nor which key it was.

    Parameters
    ----------
    ring : KeyRing
        Keys of this installation.
    code : ParsedCode
        A well-formed code.

    Returns
    -------
    int or None
        The key's epoch; None if the code is not ours or its key is retired.
    """
    return _epoch_among(ring.verifying, code)


def verify_retired(ring: KeyRing, code: ParsedCode) -> int | None:
    """Tell which retired key made a code; the code is valid only if its label is on the database's allow-list.

    Who has a leaked key can make codes for ids that he invents, and none of those is on the list. For an id on the list he
    needs the id, which stands beside the rest of the code on the label: whoever has seen it has the whole code anyway. So
    the list keeps the labels in the cars valid at no loss, and what has not been put up yet is replaced.

    Parameters
    ----------
    ring : KeyRing
        Keys of this installation.
    code : ParsedCode
        A well-formed code that `verify` refused.

    Returns
    -------
    int or None
        The key's epoch; None if no retired key made the code.
    """
    return _epoch_among(ring.retired, code)


def _epoch_among(keys: tuple[LabelKey, ...], code: ParsedCode) -> int | None:
    given = code.mac.encode()
    epoch: int | None = None
    for key in keys:
        if bytes_eq(_mac(key, code.id).encode(), given):
            epoch = key.epoch
    return epoch


def payload_url(code: ParsedCode, public_url: str) -> str:
    """Write the URL that the QR code carries.

    Parameters
    ----------
    code : ParsedCode
        The label's code.
    public_url : str
        Where the public pages are served: ``https://host``, ``host`` or ``host:port`` (then https), or ``http://…``
        for a trial without a certificate. No path: everything of ours after the host is case-insensitive,
        what a proxy puts there need not be.

    Returns
    -------
    str
        Upper case, only characters of the QR code's alphanumeric mode (ISO/IEC 18004, table 5).

    Raises
    ------
    PrintError
        If `public_url` has a path, a query, a user, an IPv6 address or a character outside that mode.
    """
    match = _PUBLIC_URL.fullmatch(public_url)
    if match is None:
        raise PrintError(
            "public_url",
            Bilingual(
                zh=f"公开网址 {public_url!r} 不能用于标签，请写成 https://主机名 或 主机名:端口（不带路径）。",
                en=f"public_url: {public_url!r} cannot go on a label; write https://host or host:port, without a path.",
            ),
        )
    scheme = match["scheme"] or "https"
    return f"{scheme}://{match['host']}/e/{code.text}".upper()


def _mac(key: LabelKey, label_id: str) -> str:
    hmac = HMAC(key.secret, SHA256())
    hmac.update(_MAC_CONTEXT + label_id.encode())
    bits = 5 * MAC_CHARACTERS
    digest = int.from_bytes(hmac.finalize(), "big")
    return crockford.encode(digest >> (SHA256.digest_size * 8 - bits), MAC_CHARACTERS)


def _code_part(text: str) -> str:
    text = text.strip()
    if "/" not in text:
        return text
    match = _LABEL_URL.fullmatch(text)
    if match is None:
        raise CodeError(
            "not_a_label_url",
            Bilingual(
                zh="这个二维码或链接不是电梯标签，请扫描轿厢内的电梯标签。",
                en="This link is not an elevator label's. Scan the label in the car.",
            ),
        )
    return match["code"]


def _without_separators(text: str) -> str:
    """Drop blanks, dashes of every width, and the invisible characters that copying brings along."""
    return "".join(
        character
        for character in text
        if not (character.isspace() or character == "−" or unicodedata.category(character) in {"Pd", "Cf"})
    )


def _require_length(characters: str) -> None:
    if not characters:
        raise CodeError("empty", Bilingual(zh="没有输入标签码。", en="No label code was given."))
    if len(characters) not in {CODE_CHARACTERS, CODE_CHARACTERS + 1}:
        raise CodeError(
            "wrong_length",
            Bilingual(
                zh=f"标签码应为 {CODE_CHARACTERS + 1} 个字符，现有 {len(characters)} 个，请对照标签补全。",
                en=(f"A label code has {CODE_CHARACTERS + 1} characters, here are {len(characters)}. Compare with the label."),
            ),
        )


def _require_alphabet(characters: str, alphabet: str, first_position: int) -> None:
    for position, character in enumerate(characters, start=first_position):
        if character not in alphabet:
            raise CodeError(
                "wrong_character",
                Bilingual(
                    zh=f"第 {position} 个字符 {character!r} 不会出现在标签码中，请对照标签检查。",
                    en=f"Character {position} is {character!r}, which no label code has there. Compare with the label.",
                ),
            )
