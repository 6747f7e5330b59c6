"""The one refusal of this room: an engine of travel times that cannot be asked."""

from __future__ import annotations

from enum import StrEnum

from backend.errors import Unavailable


class Down(StrEnum):
    """What is the matter with an engine."""

    SILENT = "silent"
    """No answer, or none but "too busy"."""

    ODD = "odd"
    """Its answer cannot be used."""

    DATA = "data"
    """The road data cannot be read."""

    MISSING = "missing"
    """Software that reads road data is not installed."""


class EngineDown(Unavailable):
    """An engine of travel times cannot be asked.

    Parameters
    ----------
    engine
        What it is called to people, without credentials.
    code
        What is the matter.
    why
        What happened, in a few words.
    """

    def __init__(self, engine: str, code: Down, why: str) -> None:
        super().__init__("the travel times of {engine} cannot be had: {why}", engine=engine, why=why)
        self.code_of_engine = code
        self.why = why
