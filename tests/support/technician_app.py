"""The technician's app for tests: built from its sources as they are, its own checks and tests run with the Node of a wheel."""

from __future__ import annotations

import importlib.util
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "mobile_api" / "web" / "technician"
DIST = ROOT / "mobile_api" / "web" / "dist"


@cache
def build_hook() -> ModuleType:
    """`hatch_build.py`, which is no part of any package."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built() -> Path:
    """The folder of the built app; built now where its sources have changed."""
    build_hook().build(ROOT)
    return DIST


def run_node(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the app's own packages."""
    node = build_hook().node_program()
    command = [str(node), str(script), *arguments]
    return subprocess.run(
        command, cwd=SOURCES, capture_output=True, text=True, check=False, env={"NO_COLOR": "1", "PATH": str(node.parent)}
    )
