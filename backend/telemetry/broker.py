"""A small MQTT broker inside the process: for the demo and for trying things out, on this machine only.

It asks nobody who they are, so it listens on the loopback address and nowhere else; an installation has a broker of its
own (docs/operations.md).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.errors import Conflict, Fault, InvalidInput

_CONFIG = {
    "plugins": {
        "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True},
    },
}


@asynccontextmanager
async def broker(host: str, port: int) -> AsyncIterator[None]:
    """Let a broker listen for the length of a block.

    Raises
    ------
    InvalidInput
        If the address is not the loopback's.
    Conflict
        If the port is taken.
    """
    if not _is_loopback(host):
        fault = Fault("host", host, "use 127.0.0.1: this broker asks nobody who they are; elsewhere run a broker of your own")
        raise InvalidInput("this broker listens on this machine only", faults=[fault])
    with warnings.catch_warnings():  # its plugins announce changes of versions to come
        warnings.simplefilter("ignore")
        from amqtt.broker import Broker
        from amqtt.errors import AMQTTError, BrokerError

        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.ERROR)
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        running = Broker({"listeners": {"default": {"type": "tcp", "bind": bind}}} | _CONFIG)
        try:
            await running.start()
        except (AMQTTError, BrokerError, OSError) as error:
            raise Conflict("no broker can listen on port {port}: {reason}", port=port, reason=str(error)) from error
    try:
        yield
    finally:
        await running.shutdown()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def run_broker(host: str, port: int, stop: asyncio.Event) -> None:
    """Run a broker until told to stop; see `broker`."""
    async with broker(host, port):
        await stop.wait()
