"""Checkpoints as C2SP tlog-checkpoint describes them: which log, how many leaves, which root; signed as a note."""

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from qr.errors import Bilingual
from qr.log import note
from qr.log.errors import NoteError
from qr.log.merkle import HASH_BYTES
from qr.log.note import Verifier

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Checkpoint(msgspec.Struct, frozen=True):
    """A state of the log.

    Parameters
    ----------
    origin : str
        The log's name.
    size : int
        Number of leaves.
    root : bytes
        Root of the tree over them.
    extension : tuple of str
        Further lines, which we never write.
    """

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extension]
        return "".join(f"{line}\n" for line in lines)


class Signed(msgspec.Struct, frozen=True):
    """A checkpoint whose signatures were checked."""

    checkpoint: Checkpoint
    signed_by: tuple[Verifier, ...]


def sign(checkpoint: Checkpoint, secrets: Sequence[bytes]) -> str:
    """Return a checkpoint as a note signed with every key; the name of the signer is the origin."""
    return note.sign(checkpoint.body, checkpoint.origin, secrets)


def parse(text: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises
    ------
    NoteError
        If it is none.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
        raise _no_checkpoint()
    root = note.strict_base64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise _no_checkpoint()
    return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:-1]))


def opened(signed: str, known: Iterable[Verifier]) -> Signed:
    """Return a checkpoint that its log has signed with a known key.

    Raises
    ------
    NoteError
        If it is no checkpoint, no known key vouches for it, or the signer is another log.
    """
    found = note.opened(signed, known)
    checkpoint = parse(found.text)
    by_log = tuple(key for key in found.signed_by if key.name == checkpoint.origin)
    if not by_log:
        raise NoteError(
            "other_log",
            Bilingual(
                zh=f"检查点属于日志 {checkpoint.origin}，但该日志并未签名。",
                en=f"The checkpoint is of the log {checkpoint.origin}, which has not signed it.",
            ),
        )
    return Signed(checkpoint, by_log)


def unverified(signed: str) -> Checkpoint:
    """Return what a signed checkpoint says, its signatures unchecked: to look it up, not to believe it."""
    return parse(note.split(signed)[0])


def _no_checkpoint() -> NoteError:
    return NoteError(
        "no_checkpoint",
        Bilingual(
            zh="不是检查点：应依次为日志名称、记录数、根哈希。",
            en="It is no checkpoint: the log's name, the size and the root are expected, each on a line.",
        ),
    )
