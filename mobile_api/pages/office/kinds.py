"""List, make, change, remove: the same five pages for every kind of thing in the register."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of, parsed, patched
from mobile_api.pages.office.base import LISTED, choose_first, office_page
from mobile_api.pages.render import as_form, redirect
from mobile_api.security import OFFICE, OFFICE_READERS

More = Callable[[Scope, Any | None], Awaitable[dict[str, Any]]]


async def _nothing(_asker: Scope, _thing: Any | None) -> dict[str, Any]:
    return {}


def _as_it_is(_form: Mapping[str, str]) -> dict[str, Any]:
    return {}


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of thing in the register, as its pages need it.

    The templates are `office/{name}_list.html` and `office/{name}.html`; the second sees `thing` (None for a new one), `form`
    and `error`.
    """

    name: str
    """Singular, as in the templates' names."""

    path: str
    """Of the list, such as `/office/owners`."""

    create: type[Struct]
    update: type[Struct]
    find: Callable[[Scope, UUID], Awaitable[Any]]
    listing: Callable[[Scope, Mapping[str, str], str | None, int], Awaitable[Any]]
    """Asker, query of the list, cursor, limit → page."""

    add: Callable[[Scope, Any], Awaitable[Any]]
    change: Callable[..., Awaitable[Any]]
    """Asker, id, Update, `version=` → thing."""

    remove: Callable[[Scope, UUID], Awaitable[None]] | None = None
    edit: str = ""
    """Behind the address of one thing where its form is, such as `/edit`; empty where the page itself is the form."""

    more: More = _nothing
    """What else the page of one thing shows."""

    convert: Callable[[Mapping[str, str]], dict[str, Any]] = _as_it_is
    """Fields that are no plain texts, numbers or dates, read from the form."""

    as_texts: Callable[[Any], dict[str, str]] = as_form
    """A thing as the texts of its form."""

    on_list: dict[str, Any] = {}
    """What else the list's template sees."""


def converted(readers: Mapping[str, Callable[[str], Any]]) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    """Return a `convert` that reads some fields, and refuses with all their faults at once."""

    def convert(form: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        faults = []
        for name, read in readers.items():
            if name not in form:
                continue
            try:
                values[name] = read(form[name])
            except ValueError as error:
                faults.append(Fault(name, form[name], str(error)))
        if faults:
            raise InvalidInput("please check the marked fields", faults=faults)
        return values

    return convert


async def shown(
    kind: Kind, asker: Scope, thing: Any | None, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    """Answer with the page of one thing; None for a new one."""
    texts = form or (kind.as_texts(thing) if thing else {})
    more = await kind.more(asker, thing)
    return await office_page(asker, f"office/{kind.name}.html", thing=thing, form=texts, error=error, kind=kind, **more)


def handlers_for(kind: Kind) -> list[Any]:
    """Return the page handlers of a kind."""
    return [*_reading(kind), *_adding(kind), _changing(kind), *([_removing(kind, kind.remove)] if kind.remove else [])]


def _read(kind: Kind, form: Mapping[str, str], into: Callable[..., Struct], target: type[Struct]) -> Struct:
    """Return a form as a struct, or refuse it with all its faults at once."""
    faults: list[Fault] = []
    given: dict[str, Any] = {}
    try:
        given = kind.convert(form)
    except InvalidInput as error:
        faults += error.faults
        given = {fault.path: None for fault in error.faults}
    try:
        read = into(target, form, **given)
    except InvalidInput as error:
        faults += error.faults
    if faults:
        raise InvalidInput("please check the marked fields", faults=faults)
    return read


def _reading(kind: Kind) -> list[Any]:
    @get(kind.path, roles=OFFICE_READERS, include_in_schema=False, name=f"office_{kind.name}_list")
    async def list_page(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
        query = {key: value.strip() for key, value in request.query_params.items() if isinstance(value, str)}
        cursor = query.pop("cursor", None)
        found = await kind.listing(asker, query, cursor or None, LISTED)
        return await office_page(asker, f"office/{kind.name}_list.html", found=found, query=query, kind=kind, **kind.on_list)

    # A page that is nothing but a form is for those who may send it.
    readers = OFFICE if kind.edit else OFFICE_READERS

    @get(kind.path + "/{id:uuid}" + kind.edit, roles=readers, include_in_schema=False, name=f"office_{kind.name}")
    async def thing_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
        return await shown(kind, asker, await kind.find(asker, id))

    return [list_page, thing_page]


def _adding(kind: Kind) -> list[Any]:
    @get(f"{kind.path}/new", roles=OFFICE, include_in_schema=False, name=f"office_{kind.name}_new")
    async def new_page(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
        if asker.firm is None:
            return choose_first()
        given = {key: value for key, value in request.query_params.items() if isinstance(value, str)}
        return await shown(kind, asker, None, form=given or None)

    @post(f"{kind.path}/new", roles=OFFICE, include_in_schema=False, status_code=200, name=f"office_{kind.name}_add")
    async def add(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
        form = await form_of(request)
        try:
            made = await kind.add(asker, _read(kind, form, parsed, kind.create))
        except (InvalidInput, Conflict, NotFound) as error:
            return await shown(kind, asker, None, form, error)
        return redirect(f"{kind.path}/{made.id}", message=_("Saved."))

    return [new_page, add]


def _changing(kind: Kind) -> Any:
    @post(
        kind.path + "/{id:uuid}" + kind.edit, roles=OFFICE, include_in_schema=False, status_code=200,
        name=f"office_{kind.name}_change",
    )  # fmt: skip
    async def change(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
        form = await form_of(request)
        thing = await kind.find(asker, id)
        try:
            await kind.change(asker, id, _read(kind, form, patched, kind.update), version=form.get("version"))
        except (InvalidInput, Conflict) as error:
            # What was typed stays; saved again, it goes over what somebody else wrote meanwhile.
            return await shown(kind, asker, thing, form | {"version": str(getattr(thing, "version", ""))}, error)
        return redirect(f"{kind.path}/{id}", message=_("Saved."))

    return change


def _removing(kind: Kind, remove: Callable[[Scope, UUID], Awaitable[None]]) -> Any:
    @post(kind.path + "/{id:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200,
          name=f"office_{kind.name}_remove")  # fmt: skip
    async def take_away(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
        thing = await kind.find(asker, id)
        try:
            await remove(asker, id)
        except Conflict as error:
            return await shown(kind, asker, thing, error=error)
        return redirect(kind.path, message=_("Removed."))

    return take_away
