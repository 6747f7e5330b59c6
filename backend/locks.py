"""The numbers of PostgreSQL's advisory locks, all in one place: two things with one number would wait for each other."""

from __future__ import annotations

from enum import IntEnum


class Lock(IntEnum):
    """What a lock is for."""

    MIGRATIONS = 7_201_902
    """Hosts that start together wait for the first."""

    CLOCK = 7_201_903
    """Held by the worker that keeps the clock, as long as its connection lives."""

    UPKEEP = 7_201_904
    """First key of two; the second is the firm: its windows are computed one run at a time."""

    IMPORTS = 7_201_905
    """Imports of one database run one after the other, so that none works on what another is writing."""

    PUBLISHING = 7_201_906
    """First key of two; the second is the firm: one at a time publishes, withdraws or cancels, so that no elevator is
    published twice."""

    LEVELLING = 7_201_907
    """First key of two; the second is the firm: its target days are replaced by one levelling at a time."""

    PARTITIONS = 7_201_908
    """Months of telemetry are made and dropped by one at a time."""

    RECORD_LOG = 7_201_910
    """The tamper-evident log grows at one place."""

    INBOX = 7_201_911
    """First key of two; the second is the account: its new messages are numbered by one reader at a time."""

    DISPATCH = 7_201_912
    """First key of two; the second is the elevator: two calls for help at once are one rescue."""

    RISK = 7_201_909
    """First key of two; the second is the firm: its failure-rate model is written by one fit at a time."""
