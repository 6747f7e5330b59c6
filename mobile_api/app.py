"""The web application: everything wired in one place, nothing at import."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from importlib.metadata import version
from types import ModuleType
from typing import Any

from litestar import Litestar, Router
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from backend import database, keyfile, logs
from backend.labels.keyring import LiveRing
from backend.processes import collect_rarely, end_with_parent
from backend.settings import Settings, read_settings
from mobile_api import api, errors, health, middleware, pages, security, staff_mark
from mobile_api.pages import render

LARGEST_BODY_BYTES = 32 * 1024 * 1024
"""A register of 50 000 elevators as XLSX, or a phone's day of photos, fits."""

STATIC_CACHE_S = 365 * 24 * 3600
"""Static addresses carry the file's hash, so that browsers may keep them."""


def create_app(settings: Settings | None = None) -> Litestar:
    """Build the application.

    Parameters
    ----------
    settings
        Of the installation; None reads them from the environment and sets up the logs, as a process of its own does.
    """
    alone = settings is None
    if settings is None:
        settings = read_settings()
        logs.configure(settings)
        end_with_parent()
    ring = LiveRing(settings)  # a key that is rotated or retired counts at once
    app = Litestar(
        route_handlers=[*_handlers_of(health), *_handlers_in(api), *_handlers_in(pages), _static_files()],
        lifespan=[_database_of(settings)],
        dependencies={
            "asker": Provide(security.provide_asker, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "ring": Provide(ring.current, sync_to_thread=False),
        },
        guards=[security.require_role],
        middleware=[DefineMiddleware(security.Authentication, exclude="^/(static|t)/")],
        exception_handlers=errors.HANDLERS,  # type: ignore[arg-type]
        template_config=TemplateConfig(instance=render.engine()),
        csrf_config=CSRFConfig(
            secret=keyfile.page_secret(settings),
            cookie_secure=settings.secure_cookies,
            cookie_httponly=True,
            exclude="^/(api|static|t|schema|livez|readyz|metrics)(/|$)",
        ),
        openapi_config=_openapi(),
        request_max_body_size=LARGEST_BODY_BYTES,
        logging_config=None,  # backend.logs has set them up
    )
    security.refuse_handlers_without_roles(app)
    # Around the router and not in the list of middleware, which Litestar passes over where there is no such route.
    mark = staff_mark.StaffMark(settings)
    app.asgi_handler = middleware.every_request(app.asgi_handler, over_https=settings.secure_cookies, mark=mark)
    if alone:
        collect_rarely()
    return app


def _handlers_in(package: ModuleType) -> list[Any]:
    """Return the `HANDLERS` of all modules of a package and of the packages in it, by module name."""
    names = sorted(info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    modules = [importlib.import_module(name) for name in names]
    return [handler for module in modules for handler in _handlers_of(module)]


def _handlers_of(module: ModuleType) -> list[Any]:
    handlers: list[Any] = getattr(module, "HANDLERS", [])
    for handler in handlers:
        _describe(handler, module.__name__.rpartition(".")[2])
    return handlers


def _describe(handler: Any, room: str) -> None:
    """Complete what the API's description says of a handler: its room, who may call it, how it refuses."""
    handler.tags = handler.tags or [room]
    if handler.opt.get("roles") == security.PUBLIC:
        handler.security = [{}]
    if isinstance(handler, HTTPRouteHandler) and handler.include_in_schema is not False:
        own = {status: replace(spec, generate_examples=False) for status, spec in (handler.responses or {}).items()}
        handler.responses = errors.RESPONSES | own  # made-up examples would differ from one start to the next


def _database_of(settings: Settings) -> Any:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        """Hold the pool for the life of the app; one that the process has opened already is used and left open."""
        pool: AbstractAsyncContextManager[None] | None = None if database.is_open() else database.opened(settings)
        if pool is None:
            yield
            return
        async with pool:
            yield

    return lifespan


def _static_files() -> Router:
    return create_static_files_router(
        path="/static",
        directories=[render.STATIC],
        cache_control=CacheControlHeader(max_age=STATIC_CACHE_S, public=True),
        opt={"roles": security.PUBLIC},
        include_in_schema=False,
    )


def _openapi() -> OpenAPIConfig:
    """Return the configuration of `/schema/openapi.json`; no page that loads scripts from elsewhere."""
    bearer = SecurityScheme(
        type="http", scheme="bearer", description="A token of `POST /api/v1/sessions`, or a device's key (`lrd_…`)."
    )
    return OpenAPIConfig(
        title="Liftrounds",
        version=version("liftrounds"),
        description="Maintenance rounds for elevators: register, telemetry, due windows, rounds, visits, labels.",
        use_handler_docstrings=True,
        components=Components(security_schemes={"bearer": bearer}),
        security=[{"bearer": []}],
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        openapi_router=Router("/schema", route_handlers=[], opt={"roles": security.PUBLIC}, include_in_schema=False),
    )
