"""Pictures for tests: each seed another one, in the formats that phones make."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import uuid4

import numpy as np
from PIL import Image

from qr.chain.bodies import Photo


def picture(seed: int, *, width: int = 160, height: int = 120) -> Image.Image:
    """A picture with something to see in it."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def file_of(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The file of a picture."""
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def photo_file(seed: int, **options: Any) -> bytes:
    """The JPEG of a picture."""
    return file_of(picture(seed, **options), quality=80)


def declared(content: bytes, **values: Any) -> Photo:
    """What a phone declares of a file."""
    with Image.open(io.BytesIO(content)) as image:
        width_px, height_px = image.size
    given: dict[str, Any] = {
        "id": uuid4(), "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "width_px": width_px,
        "height_px": height_px, "item": "", "use": "item", "subject": "", "taken_at_ms": 1_790_000_000_000, "source": "camera",
    }  # fmt: skip
    return Photo(**(given | values))
