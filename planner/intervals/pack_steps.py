"""Parts of a rule pack beside the plain gaps: names of classes, holidays, deferral, the programme of a single elevator."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from planner.intervals.pack_rule import Days, Part, Rule, Share


class ClassTitle(Part, frozen=True, kw_only=True):
    """What a maintenance class is called under a pack, such as the monthly maintenance of Hong Kong."""

    zh: str
    en: str


class HolidayRule(Rule, frozen=True, kw_only=True):
    """A visit not too long before a long public holiday begins."""

    least_days: Days
    """A holiday of at least so many days off in a row is a long one."""

    within_days: Days
    """The last visit before it lies at most so many days before its first day."""

    site_kinds: tuple[str, ...] = ()
    """Only at sites of these kinds; empty for all."""


class DeferralRules(Rule, frozen=True, kw_only=True):
    """An authorised deferral (延期): the user's consent, given before the due day, moves it by some days, at most these.

    Only the gap between visits and the lowest class move. Higher classes, tests, checks, seasons and the self-check never do.
    """

    most_days: Days
    """Days that all deferrals of one gap may add up to; never more than the gap itself."""

    most_a_year: Annotated[int, Meta(ge=1, le=24)]
    """Gaps of one elevator that may be deferred in 365 days."""

    reasons: tuple[Literal["no_access", "epidemic", "disaster", "building_work", "other"], ...]
    """Reasons that count; `other` needs words."""


class RecordRule(Rule, frozen=True, kw_only=True):
    """How long records are kept at least; this system keeps them longer where its setting says so."""

    years: Annotated[int, Meta(ge=1, le=100)]


FactorKey = Literal["age", "environment", "use", "condition"]
"""What a programme looks at besides the maker's data: years of use, kind of site, trips a day, faults."""


class Factor(Rule, frozen=True, kw_only=True):
    """Shortens the gap of an elevator's programme where it is met."""

    key: FactorKey
    share: Share
    """The gap is at most this share of the programme's, rounded down, but a day at least."""

    more_than_years: Annotated[int, Meta(ge=1, le=100)] | None = None
    site_kinds: tuple[str, ...] = ()
    counter: str | None = None
    more_a_day: Annotated[int, Meta(ge=1)] | None = None
    """More than this of the counter a day."""

    count: Annotated[int, Meta(ge=1)] | None = None
    """So many faults or more …"""

    within_days: Days | None = None
    """… in so many days."""


class ProgrammeRules(Rule, frozen=True, kw_only=True):
    """The gap is the elevator's own, from a document: the maker's instructions, a maintenance control program.

    Without a document, or with a gap beyond `most_days`, the pack's own visit gap counts.
    """

    title_zh: str
    title_en: str
    """What the document is called."""

    most_days: Days
    """The longest gap that a document may name."""

    factors: tuple[Factor, ...] = ()
