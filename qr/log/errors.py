"""What can be wrong with a note, a checkpoint, a key file of the log or a bundle."""

from qr.errors import QrError


class NoteError(QrError):
    """A signed note, a checkpoint or a public key is refused."""


class LogKeyError(QrError):
    """The key file of the log, or a change to its keys, is refused."""


class BundleError(QrError):
    """A file is no bundle; what it claims is then not even looked at."""
