"""Firebase's own Auth emulator (npm `firebase-tools`), run with the Node of a wheel; no part of the product."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.support.mosquitto import free_port
from tests.support.technician_app import build_hook

FOLDER = Path(__file__).parents[1] / "firebase"
PROJECT = "demo-liftrounds"
"""Firebase calls nothing of its own for projects that begin with `demo-`."""

_LONGEST_START_S = 200
_KEY = {"key": "none"}


def install() -> Path:
    """Fetch the packages of the lock file, unless they are there; return the program."""
    build_hook()._install(FOLDER)
    return FOLDER / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"


class Emulator:
    """A running emulator, as a browser and as a test see it."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.toolkit = f"http://{host}/identitytoolkit.googleapis.com/v1"
        self.control = f"http://{host}/emulator/v1/projects/{PROJECT}"

    def code(self, number: str) -> str:
        """The code of the last SMS to a number."""
        sent = httpx.get(f"{self.control}/verificationCodes").json()["verificationCodes"]
        return str([each["code"] for each in sent if each["phoneNumber"] == number][-1])

    def token(self, number: str) -> str:
        """An ID token of a number, by the code of its SMS, as a browser gets it."""
        asked = self._post("accounts:sendVerificationCode", {"phoneNumber": number})
        given = {"sessionInfo": asked["sessionInfo"], "code": self.code(number)}
        return str(self._post("accounts:signInWithPhoneNumber", given)["idToken"])

    def mail_token(self) -> str:
        """An ID token of somebody who signed in with an e-mail address."""
        given = {"email": "a@example.com", "password": "0123456789", "returnSecureToken": True}
        return str(self._post("accounts:signUp", given)["idToken"])

    def change(self, token: str, **fields: Any) -> None:
        """Change the account of a token as the project's owner does: `disableUser`, `validSince`."""
        body = {"localId": claims_of(token)["sub"], **fields}
        url = f"http://{self.host}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts:update"
        httpx.post(url, json=body, headers={"Authorization": "Bearer owner"}).raise_for_status()

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.post(f"{self.toolkit}/{what}", params=_KEY, json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def unsigned(claims: dict[str, Any]) -> str:
    """A token that nobody signed (`alg` none), as the emulator issues them."""
    parts = [json.dumps(each).encode() for each in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts) + "."


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Run the emulator."""
    program = install()
    with TemporaryDirectory(prefix="firebase-") as folder:
        ports = {"auth": free_port(), "hub": free_port(), "logging": free_port()}
        asked: dict[str, Any] = {name: {"host": "127.0.0.1", "port": port} for name, port in ports.items()}
        (Path(folder) / "firebase.json").write_text(json.dumps({"emulators": asked | {"ui": {"enabled": False}}}))
        node = build_hook().node_program()
        command = [str(node), str(program), "emulators:start", "--only", "auth", "--project", PROJECT]
        environment = os.environ | {
            "HOME": folder,
            "CI": "1",
            "NO_UPDATE_NOTIFIER": "1",
            "PATH": f"{node.parent}:/usr/bin:/bin",
        }
        with (Path(folder) / "log").open("w+") as log:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
            try:
                made = Emulator(f"127.0.0.1:{ports['auth']}")
                _wait(made, process, Path(folder) / "log")
                yield made
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(30)


def _wait(made: Emulator, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{made.control}/config").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the emulator did not start:\n{log.read_text()[-2000:]}")


if __name__ == "__main__":
    install()
