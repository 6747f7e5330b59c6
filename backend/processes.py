"""Several commands of Liftrounds as child processes of one: started together, stopped together, none outlives its parent."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.error import URLError
from urllib.request import urlopen

from backend.errors import Unavailable

_GRACE_S = 25.0
"""How long a child may take to end by itself; a worker gives its jobs 20 s."""

_POLL_S = 0.1

_NEW_OBJECTS = 50_000
"""After which Python looks for cycles among them: some megabytes."""

_PR_SET_PDEATHSIG = 1
"""Number of the kernel's option (prctl(2))."""


class Child:
    """A running command.

    Parameters
    ----------
    name
        For messages.
    process
        The process.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process

    async def stop(self) -> None:
        """Ask it to end; kill it if it does not."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), _GRACE_S)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


def collect_rarely() -> None:
    """Have Python look for cycles of garbage less often, and never among what was there at the start.

    A batch of telemetry is some ten thousand objects without a cycle; looking through them every 700 took a third of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)


async def start(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
    """Start `liftrounds` with some arguments in a process group of its own.

    A Ctrl-C at the terminal then reaches only the parent, which ends its children in order.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", *arguments, env=dict(environment), start_new_session=True
    )
    return Child(name, process)


@asynccontextmanager
async def running(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> AsyncIterator[list[Child]]:
    """Run commands for the length of a block; the last one started is the first one stopped.

    Parameters
    ----------
    commands
        Name → arguments after `liftrounds`.
    environment
        Of all of them.
    """
    children: list[Child] = []
    try:
        for name, arguments in commands.items():
            children.append(await start(name, arguments, environment))
        yield children
    finally:
        for child in reversed(children):
            await child.stop()


async def until_ready(url: str, children: Sequence[Child], timeout_s: float) -> None:
    """Wait until an address answers 200.

    Raises
    ------
    Unavailable
        If it does not in time, or one of the children ends before.
    """
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(timeout_s))
        try:
            while not await asyncio.to_thread(_answers, url):
                require_alive(children)
                await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise Unavailable("{url} did not answer within {timeout_s} s", url=url, timeout_s=timeout_s) from None


def require_alive(children: Sequence[Child]) -> None:
    """Refuse to go on without one of the children.

    Raises
    ------
    Unavailable
        Naming the one that ended.
    """
    for child in children:
        if child.process.returncode is not None:
            raise Unavailable(
                "{name} ended with code {code}; its last lines above say why", name=child.name, code=child.process.returncode
            )


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - an address of ours on this machine
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


async def until_signal() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when the one that started it dies, also by SIGKILL.

    Only Linux does this; elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
