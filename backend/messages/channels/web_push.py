"""Web Push (RFC 8030), encrypted for the browser (RFC 8291) and signed by this installation (VAPID, RFC 8292)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.messages.outcome import SENT, Outcome, Parcel, Result, told
from backend.messages.reasons import Reason
from qr.base64url import to_base64url

_TIMEOUT_S = 10.0

_MOST_TEXT = 900
"""Characters: a push carries 4 096 bytes at the most (RFC 8030 section 7.2) with the encryption around it, and one of ours
takes three in UTF-8."""

_LONGEST_TTL_S = 28 * 86_400


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser takes pushes, and the keys it reads them with."""

    endpoint: str
    p256dh: str
    auth: str


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the key that browsers subscribe with (`applicationServerKey`): base64url of the uncompressed point."""
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return to_base64url(point)


def send(key: ec.EllipticCurvePrivateKey, contact: str, to: Subscription, parcel: Parcel) -> Outcome:
    """Push to one browser; blocks.

    Parameters
    ----------
    key
        The installation's VAPID key.
    contact
        Whom the push service may turn to: the installation's public address.
    to, parcel
        Where and what.
    """
    import requests
    from py_vapid import Vapid02
    from pywebpush import WebPushException, webpush

    body = {
        "message": parcel.message, "kind": parcel.kind, "title": parcel.title, "text": parcel.text[:_MOST_TEXT],
        "link": parcel.link, "urgent": parcel.urgent,
    }  # fmt: skip
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(to.endpoint))
    with _Direct() as session:
        try:
            answer: Any = webpush(
                subscription_info={"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}},
                data=msgspec.json.encode(body).decode(),
                vapid_private_key=Vapid02(key),
                vapid_claims={"sub": contact, "aud": origin},
                ttl=min(parcel.ttl_s, _LONGEST_TTL_S),
                headers={"Urgency": "high" if parcel.urgent else "normal"},
                timeout=_TIMEOUT_S,
                requests_session=session,
            )
        except WebPushException as error:
            answer = error.response
            if answer is None:
                return Outcome(result=Result.REFUSED, reason=Reason.REFUSED, detail="the browser's keys cannot be used")
            return _refused(answer.status_code, answer.headers.get("retry-after", ""), told(answer.text, to.endpoint, to.auth))
        except (requests.RequestException, OSError) as error:
            return Outcome(result=Result.FAILED, reason=Reason.UNREACHABLE, detail=type(error).__name__)
        except (ValueError, TypeError) as error:  # keys that are no point of the curve
            return Outcome(result=Result.REFUSED, reason=Reason.REFUSED, detail=type(error).__name__)
    return SENT


def _refused(status: int, retry_after: str, detail: str) -> Outcome:
    detail = f"{status} {detail}".strip()
    if status in (404, 410):  # RFC 8030 section 7.3
        return Outcome(result=Result.GONE, reason=Reason.GONE, detail=detail)
    if status == 429 or status >= 500:
        wait_s = float(retry_after) if retry_after.isdigit() else None
        return Outcome(result=Result.FAILED, reason=Reason.BUSY, detail=detail, retry_after_s=wait_s)
    return Outcome(result=Result.REFUSED, reason=Reason.REFUSED, detail=detail)


class _Direct:
    """A session that follows no redirect: an allowed host must not send us on to another."""

    def __enter__(self) -> Any:
        import requests

        self._session = requests.Session()
        self._session.max_redirects = 0
        return self._session

    def __exit__(self, *_: object) -> None:
        self._session.close()
