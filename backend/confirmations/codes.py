"""The one-time code of a visit: 26 Crockford characters, of which only the SHA-256 is kept.

The code only opens the record; it signs nothing. Knows no visits but their ids, so that the room of visits can use it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from backend import clock
from backend.confirmations import queries
from backend.confirmations.limits import CODE_LIFE
from backend.errors import Fault, InvalidInput
from backend.settings import Settings
from qr import crockford
from qr.symbol import make_symbol, svg

LENGTH = 26
"""Characters of five bits: 130 bits, which nobody guesses."""

_BITS = 5 * LENGTH
_HEX_LENGTH = 64
_HEX = frozenset("0123456789abcdef")


def new_code() -> str:
    """Return a code that nobody knows yet."""
    return crockford.encode(secrets.randbits(_BITS), LENGTH)


def read(text: str) -> str | None:
    """Return the code in what was scanned or typed, None where there is none.

    Upper and lower case are the same, O is 0, I and L are 1; blanks and dashes are passed over.
    """
    code = crockford.plain(text.replace("-", "").replace(" ", ""))
    return code if len(code) == LENGTH and all(character in crockford.ALPHABET for character in code) else None


def sha256_of(code: str) -> str:
    """Return what is kept of a code, hexadecimal."""
    return hashlib.sha256(code.encode()).hexdigest()


def address_of(settings: Settings, code: str) -> str:
    """Return what the QR code says: upper case, so that it stays small."""
    return f"{settings.public_url}/C/{code}".upper()


def drawn(settings: Settings, code: str) -> str:
    """Return the QR code as SVG."""
    return svg(make_symbol(address_of(settings, code)))


def is_hash(text: str) -> bool:
    """Return whether a text is a SHA-256 in lower-case hexadecimal."""
    return len(text) == _HEX_LENGTH and set(text) <= _HEX


async def keep_inside(firm: UUID, visit: UUID, code_sha256: str, *, made_by: str = "phone", at: datetime | None = None) -> bool:
    """Keep the hash of a visit's code inside the caller's transaction; earlier codes of the visit open nothing any more.

    Parameters
    ----------
    firm, visit
        Whose code it is.
    code_sha256
        As the departure entry of the phone has it.
    made_by
        `phone`, or `server` for visits that are finished on the pages without script.
    at
        When the server learnt of it: from then on it lives `CODE_LIFE`. None is now.

    Returns
    -------
    bool
        Whether this visit has the code, now or already; False where it is another visit's, which only a copied entry brings
        about.

    Raises
    ------
    InvalidInput
        If it is no SHA-256.
    """
    if not is_hash(code_sha256):
        fault = Fault("owner_code_sha256", code_sha256[:80], "send 64 lower-case hexadecimal characters, or leave it empty")
        raise InvalidInput("the owner's code cannot be kept", faults=[fault])
    at = at or clock.now()
    known = await queries.insert_code(firm, visit, code_sha256, made_by, at, at + CODE_LIFE)
    if known != visit:
        return False
    await queries.replace_codes(visit, code_sha256, at)
    return True
