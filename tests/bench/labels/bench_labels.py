"""How long printing takes: 1 000 labels as PDF on every stock and as ZPL, processor seconds, fonts loaded before and within.

Run: uv run python tests/bench/labels/bench_labels.py [--labels 1000]
"""

from __future__ import annotations

import argparse
import time
from random import Random

from qr import code, keys, sheet, zpl
from qr.label import Label
from qr.stock import STOCKS

HOST = "https://liftrounds.example"
SEED = 1


def labels(count: int) -> list[Label]:
    """Labels with Chinese names, all different."""
    random_bytes = Random(SEED).randbytes  # noqa: S311 - repeatable on purpose
    ring = keys.generate(random_bytes)
    return [
        Label(
            code=code.mint(ring, random_bytes),
            unit=f"台州市椒江区云西路人才大厦南楼 {number}#",
            registration_code=f"3110331002201503{number:04d}",
            rescue_code=f"{310000 + number}",
            phone_24h="0576-88886666",
        )
        for number in range(count)
    ]


def main() -> None:
    """Print a line per format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=1000)
    count = parser.parse_args().labels
    printed = labels(count)
    for name, stock in STOCKS.items():  # the first line has the loading of the fonts in it
        start = time.process_time()
        content = sheet.sheet_pdf(printed, HOST, stock)
        print(f"{name:<8} {count} labels  {time.process_time() - start:5.2f} s  {len(content) / 1e6:.2f} MB")  # noqa: T201
    for dots in (8, 12):
        start = time.process_time()
        content = zpl.zpl(printed, HOST, dots_per_mm=dots)
        print(f"ZPL {dots:<4} {count} labels  {time.process_time() - start:5.2f} s  {len(content) / 1e6:.2f} MB")  # noqa: T201


if __name__ == "__main__":
    main()
