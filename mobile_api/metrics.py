"""Prometheus metrics of this process, and of all workers where `serve` starts several."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values

from backend.operations.queries import Gauges

_registry = CollectorRegistry()

REQUESTS = Counter("liftrounds_requests_total", "Requests answered.", ["method", "route", "status"], registry=_registry)
SECONDS = Histogram(
    "liftrounds_request_seconds", "Time until the answer was complete.", ["method", "route"], registry=_registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip

CONTENT_TYPE = CONTENT_TYPE_LATEST
UNKNOWN_ROUTE = "none"
"""Label of requests that no handler is for, so that strangers cannot make up labels."""


def note(method: str, route: str, status: int, took_s: float) -> None:
    """Count a request that was answered.

    Parameters
    ----------
    method, route
        The route as declared, such as `/e/{code:str}`, never the address itself.
    status
        HTTP status of the answer.
    took_s
        Seconds until the answer was complete.
    """
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(took_s)


def exposition(gauges: Gauges) -> bytes:
    """Return everything in Prometheus' text format."""
    return _of_requests() + _of_record(gauges)


def _of_requests() -> bytes:
    if values.ValueClass is values.MutexValue:  # one process
        return generate_latest(_registry)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _of_record(gauges: Gauges) -> bytes:
    told = {
        "liftrounds_elevators": ("Elevators in use.", gauges.elevators),
        "liftrounds_elevators_overdue": ("Elevators whose last day has passed.", gauges.overdue),
        "liftrounds_visits_open": ("Visits without a departure scan.", gauges.visits_open),
        "liftrounds_codes_refused": ("Scanned or typed codes that opened nothing, ever.", gauges.codes_refused),
        "liftrounds_jobs_waiting": ("Jobs that wait.", gauges.jobs_waiting),
        "liftrounds_jobs_running": ("Jobs under way.", gauges.jobs_running),
        "liftrounds_jobs_failed": ("Jobs that were set aside after their last attempt.", gauges.jobs_failed),
    }
    # Written out here: the library's own gauges would be shared among the workers, and added up.
    lines = [f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {value}\n" for name, (text, value) in told.items()]
    return "".join(lines).encode()
