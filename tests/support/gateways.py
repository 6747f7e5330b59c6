"""Real local servers that messages go to: a webhook, a mail server, FCM with Google's token exchange, a push service."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.support.installation import free_port


class Served:
    """What a server was sent, and what it is to answer next."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        """Answers in their order; when they are used up, 200 with an empty object."""

        self.url = ""

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.requests]

    def will_answer(self, status: int, body: Any = None, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, told, json.dumps(body or {}).encode()))


@contextmanager
def http_server(served: Served | None = None, route: Any = None) -> Iterator[Served]:
    """A server that takes POSTs; `route(served, path, headers, body)` may answer instead of the list."""
    kept = served or Served()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = route(kept, self.path, headers, body) if route else None
            if answer is None:
                kept.requests.append((self.path, headers, body))
                answer = kept.answers.pop(0) if kept.answers else (200, {}, b"{}")
            status, told, content = answer
            self.send_response(status)
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class MailBox:
    """What a mail server was sent."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[MailBox, str]]:
    """A mail server; gives its box and its address, `127.0.0.1:port`."""
    box, port = MailBox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"127.0.0.1:{port}"
    finally:
        controller.stop()


@contextmanager
def fcm_server(folder: Path) -> Iterator[tuple[Served, Path]]:
    """FCM's HTTP v1 protocol, with Google's exchange of a signed assertion for a token; gives a service account file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = RSAKey.import_key(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

    def route(_served: Served, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        if path == "/token":
            form = parse_qs(body.decode())
            assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
            claims = jwt.decode(form["assertion"][0], public, algorithms=["RS256"]).claims
            assert claims["iss"] == "sender@lift.iam.gserviceaccount.com"
            assert "https://www.googleapis.com/auth/cloud-platform" in claims["scope"]
            return 200, {}, json.dumps({"access_token": "ya29.test", "expires_in": 3600, "token_type": "Bearer"}).encode()
        assert path == "/v1/projects/lift/messages:send"
        if headers.get("authorization") != "Bearer ya29.test":
            return 401, {}, b"{}"
        return None

    with http_server(route=route) as served:
        account = folder / "fcm.json"
        account.write_text(
            json.dumps(
                {
                    "type": "service_account", "project_id": "lift", "private_key_id": "k", "private_key": pem.decode(),
                    "client_email": "sender@lift.iam.gserviceaccount.com", "client_id": "1",
                    "token_uri": f"http://{served.url}/token",
                }
            )
        )  # fmt: skip
        yield served, account


def fcm_error(status: str, code: str) -> dict[str, Any]:
    """FCM's answer to what it does not take."""
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}
    return {"error": {"status": status, "message": code, "details": [detail]}}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class PushBrowser:
    """A browser with a subscription: it alone can read what is pushed to it (RFC 8291)."""

    def __init__(self, service: Served, path: str = "/push/1") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"
        self.endpoint = f"http://{service.url}{path}"

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": b64(self.point), "auth": b64(self.auth)}

    def read(self, body: bytes) -> Any:
        """Decrypt one aes128gcm record (RFC 8188) with the keys of RFC 8291 section 3.4."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = _hkdf(self.auth, shared, b"WebPush: info\x00" + self.point + sender, 32)
        key = _hkdf(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _hkdf(salt, secret, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        return json.loads(plain.rstrip(b"\x00").removesuffix(b"\x02"))


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def vapid_claims(header: str) -> dict[str, Any]:
    """The claims of an `Authorization: vapid t=…, k=…`, their signature checked with the key beside them."""
    parts = dict(part.strip().split("=", 1) for part in header.removeprefix("vapid ").split(","))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    pem = point.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return dict(jwt.decode(parts["t"], ECKey.import_key(pem), algorithms=["ES256"]).claims) | {"k": parts["k"]}
