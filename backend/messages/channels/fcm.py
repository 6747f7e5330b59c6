"""Firebase Cloud Messaging by its HTTP v1 protocol, through firebase-admin."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from backend.messages.outcome import SENT, Outcome, Parcel, Result, told
from backend.messages.reasons import Reason

_HTTP_TIMEOUT_S = 5.0
"""Of one request; an attempt makes two at the most, the other for the token."""

_LONGEST_TTL_S = 28 * 86_400
"""FCM keeps a message for four weeks at the most."""

_starting = Lock()


def send(account: Path, url: str | None, token: str, parcel: Parcel) -> Outcome:
    """Push to one app; blocks.

    Parameters
    ----------
    account
        The service account file of the Firebase project.
    url
        Address that takes the place of `https://fcm.googleapis.com`; None is that.
    token
        The app's registration token.
    parcel
        What is sent.
    """
    from firebase_admin import exceptions, messaging

    try:
        app = _app(account, url)
    except (OSError, ValueError) as error:  # no file, or none of a service account
        return Outcome(result=Result.NO_WAY, reason=Reason.NO_FCM, detail=told(type(error).__name__))
    try:
        messaging.send(_message(token, parcel), app=app)
    except (messaging.UnregisteredError, messaging.SenderIdMismatchError) as error:
        return Outcome(result=Result.GONE, reason=Reason.GONE, detail=told(error.code, token))
    except messaging.QuotaExceededError as error:
        return Outcome(result=Result.FAILED, reason=Reason.BUSY, detail=told(error.code), retry_after_s=_retry_after(error))
    except exceptions.InvalidArgumentError as error:
        return Outcome(result=Result.REFUSED, reason=Reason.REFUSED, detail=told(str(error), token, parcel.title, parcel.text))
    except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError, messaging.ThirdPartyAuthError) as error:
        return Outcome(result=Result.REFUSED, reason=Reason.REFUSED, detail=told(str(error), token))
    except exceptions.FirebaseError as error:
        return Outcome(
            result=Result.FAILED, reason=Reason.UNREACHABLE, detail=told(error.code, token), retry_after_s=_retry_after(error)
        )
    except Exception as error:
        return Outcome(result=Result.FAILED, reason=Reason.UNREACHABLE, detail=told(type(error).__name__))
    return SENT


def _app(account: Path, url: str | None) -> Any:
    """Return firebase's app of a service account file as it is now; a changed file makes a new one."""
    import firebase_admin
    from firebase_admin import credentials, messaging
    from requests.adapters import HTTPAdapter

    content = account.read_bytes()
    name = hashlib.sha256(content + (url or "").encode()).hexdigest()[:16]
    with _starting:
        try:
            return firebase_admin.get_app(name)
        except ValueError:
            pass
        app = firebase_admin.initialize_app(credentials.Certificate(str(account)), {"httpTimeout": _HTTP_TIMEOUT_S}, name)
        service: Any = messaging._get_messaging_service(app)  # noqa: SLF001
        # The library would sleep as long as FCM asks for, holding a thread; our own retries are written down instead.
        for scheme in ("https://", "https://fcm.googleapis.com", "http://"):
            service._client.session.mount(scheme, HTTPAdapter(max_retries=0))  # noqa: SLF001
        if url:
            # It knows Google's address only; a relay, or a test's server, speaks the same protocol elsewhere.
            service._fcm_url = f"{url.rstrip('/')}/v1/projects/{app.project_id}/messages:send"  # noqa: SLF001
        return app


def _message(token: str, parcel: Parcel) -> Any:
    from firebase_admin import messaging

    priority = "high" if parcel.urgent else "normal"
    data = {"message": parcel.message, "kind": parcel.kind, "link": parcel.link, "urgent": "1" if parcel.urgent else "0"}
    ttl_s = min(parcel.ttl_s, _LONGEST_TTL_S)
    message = messaging.Message(
        notification=messaging.Notification(title=parcel.title, body=parcel.text),
        data=data,
        android=messaging.AndroidConfig(priority=priority, ttl=timedelta(seconds=ttl_s)),
        apns=messaging.APNSConfig(headers={"apns-priority": "10" if parcel.urgent else "5"}),
        webpush=messaging.WebpushConfig(headers={"Urgency": priority, "TTL": str(ttl_s)}),
    )
    message.token = token  # as an argument it warns that installation ids will follow, which no app of ours sends yet
    return message


def _retry_after(error: Any) -> float | None:
    answer = getattr(error, "http_response", None)
    said = answer.headers.get("retry-after", "") if answer is not None else ""
    return float(said) if said.isdigit() else None
