"""How long proofs take over a log of many records: `python tests/bench/recordlog/bench_log.py [LEAVES]`.

Builds the tiles of a made-up log, writes them into an embedded PostgreSQL of its own, and times proofs as a request makes
them (transaction, query, hashing), appending one leaf to the tree, and the check of a bundle.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from backend import database
from backend.migrate import migrate
from backend.recordlog import proofs, queries
from backend.scope import SYSTEM
from backend.settings import Settings
from qr.log import bundle, merkle, tiles
from tests.support.logged import RING, bundled

SEED = 5
ROUNDS = 300


async def timed(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Print median and 99th percentile of many runs."""
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await work()
        took.append((time.perf_counter() - started) * 1000)
    click.echo(f"{name}: median {statistics.median(took):.2f} ms, 99 % under {sorted(took)[ROUNDS * 99 // 100]:.2f} ms")


async def main(leaves: int) -> None:
    """Build, write, time."""
    rng = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    started = time.perf_counter()
    store: dict[tiles.TileId, bytearray] = {}
    tiles.add_leaves(store, 0, (merkle.leaf_hash(number.to_bytes(8, "big")) for number in range(leaves)))
    click.echo(f"{leaves} leaves: {len(store)} tiles in {time.perf_counter() - started:.1f} s")
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-bench-"))
    try:
        url = database.database_url(Settings(data_dir=folder))
        await migrate(url)
        await database.connect(url)
        async with database.tx(SYSTEM):
            rows = [(level, position, bytes(held)) for (level, position), held in store.items()]
            await database.copy_rows("log_tile", ("level", "position", "hashes"), rows)
        click.echo(f"written after {time.perf_counter() - started:.1f} s")

        async def inclusion() -> None:
            async with database.tx(SYSTEM):
                await proofs.inclusion_inside(rng.randrange(leaves), leaves)

        async def consistency() -> None:
            async with database.tx(SYSTEM):
                await proofs.hashes_inside(merkle.consistency_ranges(rng.randrange(1, leaves), leaves))

        async def append() -> None:
            async with database.tx(SYSTEM):
                edge = {tile: bytearray(held) for tile, held in (await queries.tiles(tiles.edge_of(leaves))).items()}
                changed = tiles.add_leaves(edge, leaves, [bytes(32)])
                assert changed

        async def check() -> None:
            bundle.check(bundle.read(content), RING.public)

        content = bundle.encode(bundled(size=1000, index=500))
        await timed("inclusion proof with its query", inclusion)
        await timed("consistency proof with its query", consistency)
        await timed("one more leaf on the tree", append)
        await timed("reading and checking a bundle", check)
    finally:
        await database.disconnect()
        database.release_embedded()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000))
