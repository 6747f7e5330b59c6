"""Several forms on one page: each part's fields carry a prefix, so that what was typed and its faults find their way back."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from backend.errors import Fault, InvalidInput, LiftroundsError


def part_of(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the fields of one part of a page, without the prefix: `new-starts_on` becomes `starts_on`."""
    return {name.removeprefix(prefix): text for name, text in form.items() if name.startswith(prefix)}


def of_part(error: LiftroundsError, prefix: str) -> LiftroundsError:
    """Return a refusal whose faults name the fields as the page does, with the prefix of their part."""
    if not isinstance(error, InvalidInput):
        return error
    faults = [structs.replace(fault, path=prefix + fault.path) for fault in error.faults]
    return InvalidInput(error.template, faults=faults, **error.params)


def beside(error: LiftroundsError, field: str) -> InvalidInput:
    """Return a refusal as a fault of one field: of a code that names nothing, a login that is taken."""
    if isinstance(error, InvalidInput):
        return error
    return InvalidInput("please check the marked fields", faults=[Fault.of(field, None, error.template, **error.params)])
