"""Runs every block of docs/export.md with current releases and compares snn-energy's counts with hooks in the framework.

    python test/corpus/recipes.py [--python keras=OTHER_PYTHON] [name …]

A block follows a line "<!-- recipe: NAME -->"; the sh block behind it holds the commands. `npm run build` first.
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

    if name == "keras":
        undo = [wrap(space["keras"].layers.Dense, "call", "layers"), wrap(space["LIF"], "call", "neurons")]
        x = space["x"]
        space["model"](x)
    else:
        undo = [wrap(space["nnx"].Linear, "__call__", "layers"), wrap(space["snn"].LIF, "__call__", "neurons")]
        x, model = space["x"], space["model"]
        state = model.initial_state(x.shape[1])
        for t in range(space["timesteps"]):
            _, state = model(x[t], state)
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


def counted(command: str, folder: Path) -> dict:
    """The same numbers as snn-energy counts them."""
    words = command.split()
    assert words[0] == "snn-energy", command
    kept = folder / "activity.json"
    kept.unlink(missing_ok=True)
    full = ["node", str(ROOT / "dist" / "cli" / "main.js"), *words[1:], "--encoder", "every-step", "--quiet", "--save-activity", str(kept)]
    done = subprocess.run(full, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stderr.strip()}")
    return counts_of(json.loads(kept.read_text()))


def one(name: str) -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    code, commands = recipes()[name]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        seed = "import torch; torch.manual_seed(0)\n" if "import torch" in code else ""
        space: dict = {"__name__": name}
        exec(compile(seed, "seed", "exec"), space)
        exec(compile(code, f"docs/export.md: {name}", "exec"), space)
        expected = hooked_torch(space) if "import torch" in code else hooked_dense(space, name)
        if expected["spikes"] == 0:
            raise SystemExit(f"{name}: nothing fires, so nothing is compared")
        for command in commands:
            found = counted(command, Path(folder))
            if found != expected:
                raise SystemExit(f"{name}: {command}\n  counted  {found}\n  expected {expected}")
            print(f"{name}: {command}: {expected['spikes']} spikes, {expected['acs']} ACs, {expected['macs']} MACs, as hooked")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--python", action="append", default=[], help="NAME=PYTHON: the interpreter for that recipe")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.one:
        one(args.one)
        return 0
    others = dict(pair.split("=", 1) for pair in args.python)
    failed = 0
    for name in recipes():
        if args.names and name not in args.names:
            continue
        done = subprocess.run([others.get(name, sys.executable), __file__, "--one", name], capture_output=True, text=True)
        said = [line for line in done.stdout.splitlines() if line.startswith(f"{name}: ")]
        print("\n".join(said) if done.returncode == 0 else f"FAILED {name}: {(done.stderr or done.stdout).strip()[-1500:]}", flush=True)
        failed += done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
