"""The queue loses nothing: not when a transaction is undone, a job fails, a worker is stopped or killed."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from pgqueuer import QueueManager
from pgqueuer.domain.errors import FailingListenerError

from backend import database
from backend.errors import NotFound
from backend.jobs import service, worker
from backend.jobs.job import Job, Nothing
from backend.jobs.worker import Options, run
from backend.scope import SYSTEM
from tests.support.waiting import WAIT_S, until


class Number(Struct, frozen=True, forbid_unknown_fields=True):
    n: int


async def _queue() -> list[Any]:
    async with database.tx(SYSTEM):
        return await database.fetch("SELECT entrypoint, status::text, attempts, execute_after > now() AS later FROM pgqueuer")


async def _enqueue(*payloads: Mapping[str, object]) -> None:
    async with database.tx(SYSTEM):
        for payload in payloads:
            await service.enqueue("tidy", payload)


@asynccontextmanager
async def _working(job: Job, **options: Any) -> AsyncIterator[asyncio.Event]:
    """A worker of this process; stopped at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop, Options(keeps_time=False, **options), {job.name: job}))
    try:
        yield stop
    finally:
        stop.set()
        await task


@asynccontextmanager
async def _process(db: str, diary: Path, mode: str, *, grace_s: float = 5) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker of another process; killed at the end if it still lives."""
    script = Path(__file__).with_name("worker_process.py")
    root = Path(__file__).parents[4]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), db, str(diary), mode, "1", str(grace_s), env={"PYTHONPATH": str(root)}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _diary_says(diary: Path, word: str) -> Callable[[], bool]:
    return lambda: diary.exists() and any(line.startswith(word) for line in diary.read_text().splitlines())


async def test_a_job_is_written_with_the_caller_s_transaction_and_undone_with_it(db: str) -> None:
    async def write_and_fail() -> None:
        async with database.tx(SYSTEM):
            await service.enqueue("tidy", {})
            assert await database.fetch_value("SELECT count(*) FROM pgqueuer") == 1
            raise KeyError

    with pytest.raises(KeyError):
        await write_and_fail()
    assert await _queue() == []
    await _enqueue({})
    assert [row["status"] for row in await _queue()] == ["queued"]


async def test_enqueueing_works_under_the_grants_of_the_app_s_role(db: str) -> None:
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert await service.enqueue("tidy", {})


async def test_a_key_that_waits_is_not_taken_twice(db: str) -> None:
    async with database.tx(SYSTEM):
        assert await service.enqueue("tidy", {}, dedupe_key="k")
        assert not await service.enqueue("tidy", {}, dedupe_key="k")
    assert len(await _queue()) == 1


async def test_a_job_that_does_not_exist_is_refused_with_the_names_that_do(db: str) -> None:
    async with database.tx(SYSTEM):
        with pytest.raises(ValueError, match=r"no job tydy; there are .*tidy"):
            await service.enqueue("tydy", {})


async def test_two_workers_share_the_queue_and_run_each_job_once(db: str) -> None:
    seen: Counter[int] = Counter()

    async def count(payload: Number) -> None:
        seen[payload.n] += 1

    job = Job(name="tidy", payload=Number, run=count)
    await _enqueue(*({"n": n} for n in range(30)))
    async with _working(job), _working(job):
        await until(lambda: len(seen) == 30)
    assert set(seen.values()) == {1}
    assert await _queue() == []


async def test_a_failed_job_is_tried_again_later(db: str) -> None:
    runs: list[int] = []

    async def fail(_payload: Nothing) -> None:
        runs.append(1)
        raise OSError("the neighbour does not answer")

    await _enqueue({})
    async with _working(Job(name="tidy", payload=Nothing, run=fail)):
        await until(lambda: bool(runs))
    [row] = await _queue()
    assert (row["status"], row["attempts"], row["later"]) == ("queued", 1, True)


@pytest.mark.parametrize("error", [NotFound("no such run"), OSError("still does not answer")])
async def test_a_job_that_is_refused_or_has_no_attempt_left_is_set_aside_and_can_be_put_back(db: str, error: Exception) -> None:
    runs: list[int] = []

    async def fail(_payload: Nothing) -> None:
        runs.append(1)
        raise error

    await _enqueue({})
    attempts = 5 if isinstance(error, NotFound) else 1
    async with _working(Job(name="tidy", payload=Nothing, run=fail, max_attempts=attempts)):
        await until(lambda: bool(runs))
    assert [job.entrypoint for job in await service.failed()] == ["tidy"]
    assert await service.retry_failed() == 1
    assert [row["status"] for row in await _queue()] == ["queued"]


async def test_a_payload_that_does_not_fit_is_set_aside(db: str) -> None:
    async def never(_payload: Number) -> None:
        raise AssertionError

    async def two_are_set_aside() -> bool:
        return len(await service.failed()) == 2

    await _enqueue({"n": "many"}, {"n": 1, "m": 2})
    async with _working(Job(name="tidy", payload=Number, run=never)):
        await until(two_are_set_aside)


async def test_a_job_that_reads_something_unfit_has_its_other_attempts(db: str) -> None:
    """What does not fit inside a job, such as an answer of another version, is not its payload: it is tried again."""
    attempts = 0

    async def read(_payload: Nothing) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            msgspec.json.decode(b"1", type=Number)

    async def is_done() -> bool:
        return attempts == 2

    await _enqueue({})
    async with _working(Job(name="tidy", payload=Nothing, run=read)):
        await until(is_done)


async def test_a_stopped_worker_lets_a_job_under_way_finish(db: str) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def slow(_payload: Nothing) -> None:
        begun.set()
        await finish.wait()
        done.append(1)

    await _enqueue({}, {})
    async with _working(Job(name="tidy", payload=Nothing, run=slow), grace_s=WAIT_S) as stop:
        await begun.wait()
        stop.set()
        finish.set()
    assert done
    assert len(done) + len(await _queue()) == 2


async def test_a_stopped_worker_gives_back_a_job_that_takes_longer_than_the_grace(db: str, tmp_path: Path) -> None:
    await _enqueue({})
    diary = tmp_path / "diary"
    async with _process(db, diary, "hang", grace_s=0.1) as process:
        await until(_diary_says(diary, "begun"))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), WAIT_S) == 0
    assert [row["status"] for row in await _queue()] == ["queued"]


async def test_a_job_whose_worker_was_killed_is_finished_by_another(db: str, tmp_path: Path) -> None:
    await _enqueue({})
    diary = tmp_path / "diary"
    async with _process(db, diary, "hang") as victim:
        await until(_diary_says(diary, "begun"))
        victim.kill()
        await victim.wait()
    assert [row["status"] for row in await _queue()] == ["picked"]
    async with _process(db, diary, "work") as heir:
        await until(_diary_says(diary, "done"))
        heir.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(heir.wait(), WAIT_S) == 0
    assert diary.read_text().splitlines()[-1] == f"done {heir.pid}"
    assert await _queue() == []


async def test_a_worker_whose_notices_come_too_late_connects_again(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine under load for ten seconds must not end the worker, which rings for people in elevators."""
    heard, done = QueueManager.listener_healthy, []

    async def late_once(manager: QueueManager, **options: Any) -> Any:
        monkeypatch.setattr(QueueManager, "listener_healthy", heard)
        raise FailingListenerError

    async def work(number: Number) -> None:
        done.append(number.n)

    monkeypatch.setattr(QueueManager, "listener_healthy", late_once)
    monkeypatch.setattr(worker, "_RECONNECT_S", 0.01)
    async with _working(Job(name="tidy", payload=Number, run=work)):
        await until(lambda: QueueManager.listener_healthy is heard)
        await _enqueue({"n": 1})
        await until(lambda: done == [1])


async def test_a_quick_job_does_not_stand_behind_those_that_take_long(db: str) -> None:
    done, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_payload: Nothing) -> None:
        await go_on.wait()

    async def quick(_payload: Nothing) -> None:
        done.set()

    jobs = {
        "tidy": Job(name="tidy", payload=Nothing, run=slow),
        "deliver": Job(name="deliver", payload=Nothing, run=quick, quick=True),
    }
    async with database.tx(SYSTEM):
        for _ in range(5):
            await service.enqueue("tidy", {})
        await service.enqueue("deliver", {})
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop, Options(keeps_time=False), jobs))
    try:
        await asyncio.wait_for(done.wait(), WAIT_S)
    finally:
        go_on.set()
        stop.set()
        await task
