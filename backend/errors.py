"""Every expected refusal of the system, as one tree.

::

    LiftroundsError                 code               HTTP status
    ├── InvalidInput                invalid_input      400   faults: path, value, reason
    ├── NotSignedIn                 not_signed_in      401
    ├── NotAllowed                  not_allowed        403
    ├── NotFound                    not_found          404   also what belongs to another firm
    │   └── LabelRefused            label_{reason}     404   such as label_unknown, label_blank, label_foreign
    │       └── LabelEnded          label_{reason}     410   label_revoked, label_replaced
    ├── Conflict                    conflict           409
    │   ├── Outdated                outdated           412   somebody else changed the thing meanwhile
    │   ├── OutdatedSnapshot        outdated_snapshot  409   a plan run made from data that has changed since; faults: what
    │   └── RoundTaken              round_taken        409   a crew has a published round on that day
    ├── TooManyAttempts             too_many_attempts  429   retry_after_s
    └── Unavailable                 unavailable        503   a part of the installation does not answer

Messages are gettext templates with named places: ``NotFound("no elevator {elevator}", elevator=code)``. The edge
translates the template, then fills it in. `mobile_api.errors` maps the tree to problem details (RFC 9457), once.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field


class Fault(Struct, frozen=True):
    """One thing that is wrong with an input."""

    path: str
    """Where: a field, a column of a row, a path such as `visits[17].windows[0].to_s`."""

    value: str | None
    """What was given, shortened; None where it is missing or secret."""

    reason: str
    """What is wrong and the way out, as a sentence without a full stop."""

    template: str = ""
    """The reason before its places were filled in, where it has any: what other languages translate."""

    params: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, path: str, value: str | None, template: str, **params: object) -> Fault:
        """Return a fault whose reason has named places."""
        return cls(path, value, template.format(**params), template, params)

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" + (f" (given: {self.value})" if self.value is not None else "")


class LiftroundsError(Exception):
    """Base of all expected refusals.

    Parameters
    ----------
    template
        The sentence, with named places in braces.
    params
        Values of the places.
    """

    code: str = "error"

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template)
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return self.template.format(**self.params) if self.params else self.template


class InvalidInput(LiftroundsError):
    """The input has faults; all of them are listed."""

    code = "invalid_input"

    def __init__(self, template: str, *, faults: Sequence[Fault] = (), **params: object) -> None:
        super().__init__(template, **params)
        self.faults = tuple(faults)


class NotSignedIn(LiftroundsError):
    """Nobody, or an expired session, or a wrong key."""

    code = "not_signed_in"


class NotAllowed(LiftroundsError):
    """The role may not do this."""

    code = "not_allowed"


class NotFound(LiftroundsError):
    """There is no such thing, or it belongs to another firm: the two are never told apart."""

    code = "not_found"


class LabelRefused(NotFound):
    """A scanned or typed code opens no elevator.

    Parameters
    ----------
    template, **params
        As in `LiftroundsError`.
    reason
        Which refusal it is: a value of `backend.labels.views.Refusal`; the machine code is made of it.
    """

    def __init__(self, template: str, *, reason: str, **params: object) -> None:
        super().__init__(template, **params)
        self.code = f"label_{reason}"
        self.reason = reason


class LabelEnded(LabelRefused):
    """The code was a label's once, but the label was revoked or replaced."""


class Conflict(LiftroundsError):
    """The thing is in a state in which this cannot be done."""

    code = "conflict"


class Outdated(Conflict):
    """Somebody else changed the thing since the asker read it."""

    code = "outdated"


class OutdatedSnapshot(Conflict):
    """A plan run was made from data that has changed since; the changes are listed as faults."""

    code = "outdated_snapshot"

    def __init__(self, template: str, *, faults: Sequence[Fault] = (), **params: object) -> None:
        super().__init__(template, **params)
        self.faults = tuple(faults)


class RoundTaken(Conflict):
    """The crew already has a published round on that day."""

    code = "round_taken"


class TooManyAttempts(LiftroundsError):
    """Too many wrong passwords; wait."""

    code = "too_many_attempts"

    def __init__(self, template: str, *, retry_after_s: int, **params: object) -> None:
        super().__init__(template, retry_after_s=retry_after_s, **params)
        self.retry_after_s = retry_after_s


class Unavailable(LiftroundsError):
    """A part of the installation (database, broker) does not answer."""

    code = "unavailable"
