"""The jobs by name; a job's file is imported when a worker starts, not when somebody enqueues."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from backend.jobs.job import Job

MODULES = {
    "compare_policies": "backend.jobs.compare_policies",
    "deliver": "backend.jobs.deliver",
    "dispatch_clock": "backend.jobs.dispatch_clock",
    "entries": "backend.jobs.entries",
    "due_windows": "backend.jobs.due_windows",
    "late_telemetry": "backend.jobs.late_telemetry",
    "entrapment": "backend.jobs.entrapment",
    "forget_positions": "backend.jobs.forget_positions",
    "levelling": "backend.jobs.levelling",
    "log_append": "backend.jobs.log_append",
    "log_check": "backend.jobs.log_check",
    "messages": "backend.jobs.messages",
    "missed_orders": "backend.jobs.missed_orders",
    "owner_number_replaced": "backend.jobs.owner_number_replaced",
    "partitions": "backend.jobs.partitions",
    "plan_run": "backend.jobs.plan_run",
    "risk": "backend.jobs.risk",
    "service_times": "backend.jobs.service_times",
    "tidy": "backend.jobs.tidy",
}
"""Name → file; each file defines `JOB`."""


def load() -> Mapping[str, Job]:
    """Return every job of this version."""
    jobs = {name: importlib.import_module(module).JOB for name, module in MODULES.items()}
    for name, job in jobs.items():
        if not isinstance(job, Job) or job.name != name:
            raise TypeError(f"{MODULES[name]}.JOB is not the job {name}")
    return jobs
