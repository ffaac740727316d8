"""Runs every block of docs/export.md with current releases and compares snn-energy's counts with hooks in the framework.

    python test/corpus/recipes.py [--python keras=OTHER_PYTHON] [name …]

A block follows a line "<!-- recipe: NAME -->"; the sh block behind it holds the commands. `npm run build` first, or SNN_ENERGY=installed for the
snn-energy of the environment. What an environment lacks is named and left out.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
RECIPE = re.compile(r"<!-- recipe: (\S+) -->\n```python\n(.*?)```\n\n```sh\n(.*?)```", re.S)


def recipes() -> dict[str, tuple[str, list[str]]]:
    found = RECIPE.findall((ROOT / "docs" / "export.md").read_text())
    return {name: (code, commands.strip().splitlines()) for name, code, commands in found}


def totals(reference: dict) -> dict:
    """What both sides can say in a few numbers."""
    layers, neurons = reference["layers"], reference["neurons"]
    return {
        "timesteps": len(layers[0]["inputs"]),
        **{key: sum(sum(layer[key]) for layer in layers) for key in ("inputs", "events", "acs", "macs")},
        "neurons": sum(layer["neurons"] for layer in neurons),
        "spikes": sum(sum(layer["spikes"]) for layer in neurons),
        "spikes by timestep": [sum(at) for at in zip(*[layer["spikes"] for layer in neurons])],
    }


def hooked_torch(space: dict) -> dict:
    """Counts of a PyTorch block: its `model` and `x`, its `states` where it is a step model."""
    import torch

    from casebook import Case, run
    from counting import reference, run_and_record
    from neuron_classes import is_neuron

    model, x, states = space["model"], space["x"], space.get("states")
    # Time is the axis that the block calls timesteps; an input of two axes is the same at every timestep.
    own = getattr(model, "timesteps", None)
    T = own or x.shape[0]
    sample_major = x.dim() > 2 and x.shape[0] != T
    c = Case(model, x, T, "", states=states, batch_axis=0 if sample_major or x.dim() == 2 else None)
    for module in model.modules():
        if hasattr(module, "reset_states"):
            module.reset_states()
        if hasattr(module, "reset") and callable(module.reset) and "spikingjelly" in type(module).__module__:
            module.reset()
    ours = tuple(value for key, value in space.items() if key in ("LIF", "Cuba") and isinstance(value, type))
    neurons = {name: m for name, m in model.named_modules() if is_neuron(m) or isinstance(m, ours)}
    with torch.no_grad():
        record = run_and_record(model, lambda: run(c), neurons)
    return totals(reference(record, T, c.batch, sample_major=sample_major))


def hooked_dense(space: dict, name: str) -> dict:
    """Counts of a block of dense layers in another framework, by wrapping its layers' calls."""
    import numpy as np

    seen: dict[str, list] = {"layers": [], "neurons": []}

    def wrap(cls, method, kind):
        before = getattr(cls, method)

        def after(self, x, *rest, **kw):
            result = before(self, x, *rest, **kw)
            out = result[0] if isinstance(result, tuple) else result
            seen[kind].append((id(self), np.asarray(x), np.asarray(out)))
            return result

        setattr(cls, method, after)
        return lambda: setattr(cls, method, before)

    x = space["x"]
    if name.startswith("keras"):
        undo = [wrap(space["keras"].layers.Dense, "call", "layers"), wrap(space["LIF"], "call", "neurons")]
        if "states" in space:
            carried = list(space["states"].values())
            for t in range(space["timesteps"]):
                out = space["model"]([x[t], *carried])
                carried = [np.asarray(out[f"{key}_next"]) for key in space["states"]]
        else:
            space["model"](x)
    else:
        undo = [wrap(space["nnx"].Linear, "__call__", "layers"), wrap(space["snn"].LIF, "__call__", "neurons")]
        state = space["model"].initial_state(x.shape[1])
        for t in range(space["timesteps"]):
            _, state = space["model"](x[t], state)
    for one in undo:
        one()
    layers, neurons = {}, {}
    for key, given, out in seen["layers"]:
        one = layers.setdefault(key, dict(inputs=[], events=[], acs=[], macs=[]))
        active = int((given != 0).sum())
        for name_, value in zip(("inputs", "events", "acs", "macs"), (active, active * out.shape[-1], active * out.shape[-1], 0)):
            one[name_].append(value)
    for key, _given, out in seen["neurons"]:
        one = neurons.setdefault(key, dict(neurons=out[0].size, spikes=[]))
        one["spikes"].append(int((out != 0).sum()))
    if name == "spyx":
        # Its neurons fire on the membrane of the timestep before: each layer's last uses reach no answer, one more a layer further back.
        for behind, one in enumerate(reversed(layers.values()), 1):
            for counts in one.values():
                counts[-behind:] = [0] * behind
        for behind, one in enumerate(reversed(neurons.values())):
            one["spikes"] = [*one["spikes"][: len(one["spikes"]) - behind], *[0] * behind]
    return totals(dict(layers=list(layers.values()), neurons=list(neurons.values())))


def counts_of(record: dict) -> dict:
    """The numbers of a result or of saved counts."""
    layers, neurons = [], []
    for layer in record["layers"]:
        steps = layer["perTimestep"]
        if layer["kind"] == "synaptic":
            names = {"inputs": "activeInputs", "events": "synapticEvents", "acs": "acs", "macs": "macs"}
            layers.append({ours: [step[theirs] for step in steps] for ours, theirs in names.items()})
        elif layer["spiking"]:
            neurons.append(dict(neurons=layer["neurons"], spikes=[step["spikes"] for step in steps]))
    return totals(dict(layers=layers, neurons=neurons))


def command_line() -> list[str]:
    """snn-energy: of this checkout, or what pip installed."""
    if os.environ.get("SNN_ENERGY") == "installed":
        return [sys.executable, "-m", "snn_energy"]
    return ["node", str(ROOT / "dist" / "cli" / "main.js")]


def counted(command: str, folder: Path) -> tuple[dict, float]:
    """The same numbers as snn-energy counts them, and the energy of an inference in joules."""
    words = command.split()
    assert words[0] == "snn-energy", command
    full = [*command_line(), *words[1:], "--encoder", "every-step", "--quiet", "--format", "json"]
    done = subprocess.run(full, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stderr.strip()}")
    record = json.loads(done.stdout)
    return counts_of(record), record["estimates"][0]["energyPerInferenceJoules"]["nominal"]


LEFT_OUT = 77
"""Exit code of a recipe that the environment has no package for."""


def one(name: str) -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    code, commands = recipes()[name]
    if name.endswith("-0014") and not version("spikingjelly").startswith("0."):
        print(f"spikingjelly {version('spikingjelly')} is here")
        sys.exit(LEFT_OUT)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        seed = "import torch; torch.manual_seed(0)\n" if "import torch" in code else ""
        space: dict = {"__name__": name}
        exec(compile(seed, "seed", "exec"), space)
        try:
            exec(compile(code, f"docs/export.md: {name}", "exec"), space)
        except ModuleNotFoundError as error:
            if error.name in ("keras", "jax", "spyx"):
                print(f"{error.name} is not installed")
                sys.exit(LEFT_OUT)
            raise
        expected = hooked_torch(space) if "import torch" in code else hooked_dense(space, name)
        if expected["spikes"] == 0:
            raise SystemExit(f"{name}: nothing fires, so nothing is compared")
        for command in commands:
            found, joules = counted(command, Path(folder))
            if found != expected:
                raise SystemExit(f"{name}: {command}\n  counted  {found}\n  expected {expected}")
            print(f"{name}: {command}: {expected['spikes']} spikes, {expected['acs']} ACs, {expected['macs']} MACs, as hooked; {joules:.3g} J")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--python", action="append", default=[], help="NAME=PYTHON: the interpreter for recipes whose names begin so")
    parser.add_argument("--path", action="append", default=[], help="NAME=FOLDER: packages that come first there")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.one:
        one(args.one)
        return 0
    pythons, paths = (dict(pair.split("=", 1) for pair in pairs) for pairs in (args.python, args.path))

    def chosen(given: dict[str, str], name: str) -> str | None:
        return next((value for key, value in given.items() if name.startswith(key)), None)

    failed = 0
    for name in recipes():
        if args.names and name not in args.names:
            continue
        path = chosen(paths, name)
        environment = os.environ if path is None else {**os.environ, "PYTHONPATH": path}
        done = subprocess.run([chosen(pythons, name) or sys.executable, __file__, "--one", name], capture_output=True, text=True, env=environment)
        said = [line for line in done.stdout.splitlines() if line.startswith(f"{name}: ")]
        if done.returncode == LEFT_OUT and not args.names:
            print(f"{name}: left out, {done.stdout.strip().splitlines()[-1]}", flush=True)
            continue
        print("\n".join(said) if done.returncode == 0 else f"FAILED {name}: {(done.stderr or done.stdout).strip()[-1500:]}", flush=True)
        failed += done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
