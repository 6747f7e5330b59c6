"""What can be wrong with an entry, a server time, an enrolment or a key file of the phones' chains."""

from __future__ import annotations

from qr.errors import Bilingual, QrError


class ChainError(QrError):
    """An entry, a server time, an enrolment or a hand-over file is refused; `reason` is one of docs/scan-events.md."""


class ChainKeyError(QrError):
    """A key file of the hand-over, or a change to its keys, is refused."""


def refused(reason: str, zh: str, en: str) -> ChainError:
    """Return a refusal in both languages; the sentences come without their full stops."""
    return ChainError(reason, Bilingual(zh=f"{zh}。", en=f"{en}."))
