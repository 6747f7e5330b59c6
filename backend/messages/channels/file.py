"""The message file: what no gateway is set for, so that a demo's codes can be read. For trying only."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from backend.messages.outcome import SENT, Outcome, Parcel
from backend.messages.reasons import Reason


def write(path: Path, at: str, channel: str, target: str, parcel: Parcel) -> Outcome:
    """Append one line: at, channel, to, kind, title, text, link, message. Only the file's owner may read it."""
    line = {
        "at": at, "channel": channel, "to": target, "kind": parcel.kind, "title": parcel.title, "text": parcel.text,
        "link": parcel.link, "message": parcel.message,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, msgspec.json.encode(line) + b"\n")  # in one call: several workers write lines, never halves
    finally:
        os.close(handle)
    return msgspec.structs.replace(SENT, reason=Reason.TO_FILE)
