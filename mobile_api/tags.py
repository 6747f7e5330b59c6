"""ETags of things that two people may edit: sent with a thing, named again by whoever changes it."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeVar

from litestar import Response
from litestar.params import HeaderParameter

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="ETag of the thing as you read it; if it has changed since, the answer is 412 and nothing is written.",
    ),
]


class Versioned(Protocol):
    """What has a version."""

    @property
    def version(self) -> str:
        """Return the name of its present state."""
        ...


V = TypeVar("V", bound=Versioned)


def tagged(view: V) -> Response[V]:
    """Answer with a thing and its ETag."""
    return Response(view, headers={"ETag": f'"{view.version}"'})


def version_in(if_match: str | None) -> str | None:
    """Return the version that an `If-Match` names; None where there is none, or any will do (`*`)."""
    if if_match is None or if_match.strip() == "*":
        return None
    return if_match.strip().removeprefix("W/").strip('"')
