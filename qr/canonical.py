"""JSON as bytes that everybody agrees on: RFC 8785 (JSON Canonicalization Scheme) for values without fractions."""

import json
from typing import Any


def canonical(value: Any) -> bytes:
    """Return the canonical form of a JSON value without fractions.

    Raises
    ------
    ValueError
        If a text cannot be written as UTF-8, or a number is not finite.
    """
    return json.dumps(_in_order(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _in_order(value: Any) -> Any:
    """Return a value with the keys of all its objects in the order of RFC 8785: by UTF-16 code units."""
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [_in_order(part) for part in value] if isinstance(value, list) else value
