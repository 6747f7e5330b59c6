"""How long the daily check takes per record: `python tests/bench/recordlog/bench_check.py [RECORDS]`.

Writes made-up records of the usual size (31 items) with their leaves, tiles and one checkpoint into an embedded PostgreSQL of
its own, past the services, and lets the check run through all of them, at once and in slices.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from backend import clock, database
from backend.migrate import migrate
from backend.recordlog import checking
from backend.scope import SYSTEM
from backend.settings import Settings
from qr.canonical import canonical
from qr.log import checkpoint, leaf, merkle, tiles
from qr.log.checkpoint import Checkpoint
from tests.support.logged import RING, body

SEED = 5
ITEMS = 31
SLICE_S = 5.0


def item(number: int) -> dict[str, Any]:
    """An item as a record has it."""
    return {
        "item": f"A-1-{number:02d}", "period": "half_month", "result": "ok",
        "name_zh": "机房、滑轮间环境清洁，门窗完好、照明正常",
        "name_en": "Machine room and pulley room: clean, door and windows sound, lighting works", "measured": "", "unit": "",
        "note": "", "special_checks": [],
    }  # fmt: skip


async def write(records: int) -> None:
    """Write everything that the check reads."""
    rng = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    firm, at, hashes = UUID(int=1), clock.now(), []
    store: dict[tiles.TileId, bytearray] = {}
    leaves, entries, rows = [], [], []
    items = [item(number) for number in range(ITEMS)]
    for number in range(records):
        visit, record = UUID(int=rng.getrandbits(128), version=4), UUID(int=rng.getrandbits(128), version=4)
        made = body(visit=str(visit), items=items)
        sha256 = hashlib.sha256(canonical(made)).hexdigest()
        salts = rng.randbytes(32), rng.randbytes(32)
        statement = leaf.statement_of(made)
        data = leaf.leaf_of(statement, salts[0], sha256, salts[1])
        hashes.append(merkle.leaf_hash(data))
        leaves.append((number, data.decode(), at))
        public = {name: getattr(statement, name) for name in statement.__struct_fields__}
        entries.append((record, number, firm, record, visit, 1, public, *salts))
        rows.append((record, firm, visit, 1, "", made, sha256, None, at))
    tiles.add_leaves(store, 0, hashes)
    node = tiles.node_from({tile: bytes(one) for tile, one in store.items()})
    root = merkle.root(records, node)
    note = checkpoint.sign(Checkpoint(RING.origin, records, root), RING.signing)
    async with database.tx(SYSTEM):
        copied = (
            ("log_leaf", ("position", "data", "appended_at"), leaves),
            ("visit_record", ("id", "firm", "visit", "version", "reason", "body", "sha256", "written_by", "written_at"), rows),
            (
                "log_entry",
                ("id", "leaf", "firm", "record", "visit", "version", "statement", "public_salt", "record_salt"),
                entries,
            ),
            ("log_tile", ("level", "position", "hashes"), [(*tile, bytes(one)) for tile, one in store.items()]),
        )
        for table, columns, content in copied:
            if table in ("log_leaf", "log_tile"):
                await database.copy_rows(table, columns, content)
                continue
            places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
            await database.connection().executemany(insert, content)
        await database.execute(
            "INSERT INTO log_checkpoint (id, size, root, note, signed_at) VALUES (gen_random_uuid(), $1, $2, $3, $4)",
            records, root, note, at,
        )  # fmt: skip


async def main(records: int) -> None:
    """Build, check, print."""
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-bench-"))
    try:
        settings = Settings(data_dir=folder)
        url = database.database_url(settings)
        await migrate(url)
        lone = await database.lone_connection(url)
        for table in ("log_entry", "visit_record"):  # made-up visits stand in no other table
            await lone.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        await lone.close()
        await database.connect(url)
        await write(records)
        started = time.perf_counter()
        told = await checking.check(RING, folder)
        took_s = time.perf_counter() - started
        click.echo(
            f"{told.size} records, {told.found} contradictions: {took_s:.1f} s, {took_s / records * 1e3:.2f} ms a record"
        )
        started, slices, longest_s = time.perf_counter(), 0, 0.0
        while True:
            before, slices = time.perf_counter(), slices + 1
            done = await checking.check_for(RING, folder, SLICE_S)
            longest_s = max(longest_s, time.perf_counter() - before)
            if done is not None:
                break
        took_s = time.perf_counter() - started
        click.echo(f"in {slices} slices of {SLICE_S:g} s: {took_s:.1f} s, the longest {longest_s:.2f} s")
    finally:
        if database.is_open():
            await database.disconnect()
        database.release_embedded()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
