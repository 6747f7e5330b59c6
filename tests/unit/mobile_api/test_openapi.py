"""The API's description: committed, complete, and true to the code."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mobile_api.openapi import FILE, described

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(described())
    return found


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_committed_description_is_that_of_the_code() -> None:
    assert FILE.read_bytes() == described(), "the API has changed: run `python -m mobile_api.openapi` and commit the file"


def test_every_operation_says_what_it_does(schema: dict[str, Any]) -> None:
    assert [name for name, operation in operations(schema) if not operation.get("description")] == []


def test_every_operation_has_a_name_of_its_own(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(schema)]
    assert len(names) == len(set(names))


def test_pages_are_no_part_of_the_api(schema: dict[str, Any]) -> None:
    assert [path for path in schema["paths"] if not path.startswith(("/api/v1/", "/livez", "/readyz", "/log/"))] == []


def test_what_is_open_to_all_asks_for_no_token(schema: dict[str, Any]) -> None:
    free = {name for name, operation in operations(schema) if operation.get("security") == [{}]}
    assert free >= {"POST /api/v1/sessions", "GET /livez", "GET /readyz"}
    assert "GET /api/v1/elevators" not in free
    assert schema["security"] == [{"bearer": []}]


def test_refusals_are_problem_details(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and status not in ("412", "428"):
                assert set(answer["content"]) == {"application/problem+json"}, name
