"""What a phone signs, pure: entries, their chain, server times, and what time an entry can have (docs/scan-events.md).

``bodies``    what an entry says, by kind
``entry``     entries as structs and as the bytes that are signed: `encode`, `decode`
``position``  positions: committed to in the chain, opened beside it
``envelope``  signed entries on their way: `opened` checks signature, content and position
``rules``     `check_chain`: whole, cut, reordered, repeated, forked, against its own clocks
``beacon``    signed server times
``times``     `time_bounds`: not before, not after, and how far the phone's clock was off
``handover``  the encrypted file of what a phone could not send
``writer``    the phone's side: signs entries one behind the other
``errors``    the refusals
"""

from qr.chain.entry import Entry, decode, encode, kind_of, sha256_of
from qr.chain.envelope import Envelope, Signed, opened
from qr.chain.errors import ChainError
from qr.chain.rules import ChainFault, ChainReport, ChainState, FaultKind, check_chain, link_of
from qr.chain.times import ClockSign, Elapsed, Reading, TimeBounds, elapsed, reading_of, time_bounds

__all__ = [
    "ChainError", "ChainFault", "ChainReport", "ChainState", "ClockSign", "Elapsed", "Entry", "Envelope", "FaultKind",
    "Reading", "Signed", "TimeBounds", "check_chain", "decode", "elapsed", "encode", "kind_of", "link_of", "opened",
    "reading_of", "sha256_of", "time_bounds",
]  # fmt: skip
