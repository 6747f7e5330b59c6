"""The technician's app: its types hold, and its own tests pass, against the same vectors as the server's."""

from __future__ import annotations

from tests.support.technician_app import SOURCES, built, run_node


def test_the_types_of_the_app_hold() -> None:
    built()
    done = run_node(SOURCES / "node_modules" / "typescript" / "bin" / "tsc", "--noEmit")
    assert done.returncode == 0, done.stdout[-8000:]


def test_the_apps_own_tests_pass() -> None:
    built()
    done = run_node(SOURCES / "node_modules" / "vitest" / "vitest.mjs", "run", "--reporter=dot")
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
