"""What can be wrong with a code, a key file or a print order, in the words of the person who has to put it right.

The tree::

    QrError(ValueError)
    ├── CodeError      what was scanned or typed is no label code
    ├── KeyRingError   a key file or a change of keys is refused
    └── PrintError     a label sheet or notice cannot be drawn as asked

Each carries a stable machine ``reason`` and one message in Chinese and English.
"""

import msgspec


class Bilingual(msgspec.Struct, frozen=True):
    """One statement in the two languages of every surface.

    Parameters
    ----------
    zh : str
        Simplified Chinese.
    en : str
        English.
    """

    zh: str
    en: str


class QrError(ValueError):
    """Base of all refusals of this package.

    Parameters
    ----------
    reason : str
        Stable machine code in lower snake case, e.g. ``check_failed``.
    text : Bilingual
        What is wrong and the way out.
    """

    def __init__(self, reason: str, text: Bilingual) -> None:
        super().__init__(text.en)
        self.reason = reason
        self.text = text


class CodeError(QrError):
    """What was scanned or typed is no label code."""


class KeyRingError(QrError):
    """A key file, or a change to the keys, is refused."""


class PrintError(QrError):
    """A label sheet or a notice cannot be drawn as asked."""
