"""Runs snn_energy.analyze (python/) on modules of each framework and compares its counts with those of counting.py.

    python test/corpus/package.py [name …]       `npm run build` first, or SNN_ENERGY=installed for the package of the environment

Networks are the blocks of docs/export.md, whose own exports are not used, and those of nets/ that FROM_CORPUS names: of these the package's own
comparison with hooks must say that all counts are equal.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE)] if os.environ.get("SNN_ENERGY") == "installed" else [str(HERE), str(ROOT / "python")]


def blocks() -> dict:
    """name -> what makes (model, data, keywords, expected totals)"""
    from recipes import recipes

    return {name: (lambda code=code: of_block(code)) for name, (code, _) in recipes().items() if "import torch" in code and not name.endswith("-0014")}


def of_block(code: str):
    import torch

    from recipes import hooked_torch

    space: dict = {"__name__": "block"}
    # Everything but the export, which is the package's work here.
    kept = code.split("\nbatch = torch.export.Dim")[0].split("\ntorch.onnx.export")[0].split("\nnames = dict(input_names")[0]
    torch.manual_seed(0)
    exec(compile(kept, "docs/export.md", "exec"), space)
    model, x = space["model"], space["x"]
    expected = hooked_torch(space)
    step = "states" in space
    return model, x, dict(timesteps=x.shape[0]) if step else {}, expected


FROM_CORPUS = ("odd-attention",)
"""Products of activations beside layers with weights."""


def verified(name: str, snn_energy) -> str:
    from casebook import CASES

    import nets.odd_nets  # noqa: F401  registers its cases

    c = CASES[name]()
    result = snn_energy.analyze(c.model.eval(), c.x, encoder="every-step")
    checked = result.verification
    products = [layer for layer in result.record["layers"] if layer["kind"] == "synaptic" and layer["geometry"]["weightElements"] == 0]
    if checked is None or not checked.agrees or not checked.hooked.inputs or not products:
        raise AssertionError(f"{checked}; {len(products)} products of activations")
    return f"{checked} {len(products)} products of activations; {result.energy_joules:.3g} J"


def found(result) -> dict:
    from recipes import counts_of

    return counts_of(result.record)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    import torch

    import snn_energy

    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    os.chdir(tempfile.gettempdir())
    failed = 0
    for name, make in blocks().items():
        if args.names and not any(name.startswith(one) for one in args.names):
            continue
        began = time.time()
        try:
            model, x, keywords, expected = make()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.simplefilter("error", snn_energy.SnnEnergyWarning)
                result = snn_energy.analyze(model, x, encoder="every-step", **keywords)
        except Exception as error:
            if os.environ.get("TRACE"):
                raise
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            failed += 1
            continue
        counted = found(result)
        same = counted == expected
        failed += not same
        line = f"{expected['spikes']} spikes, {expected['acs']} ACs, {expected['macs']} MACs"
        print(f"{name}: {line}, as hooked; {result.energy_joules:.3g} J ({time.time() - began:.1f} s)" if same else f"FAILED {name}:\n  counted  {counted}\n  expected {expected}", flush=True)
    for name in FROM_CORPUS:
        if args.names and name not in args.names:
            continue
        try:
            print(f"{name}: {verified(name, snn_energy)}", flush=True)
        except Exception as error:
            if os.environ.get("TRACE"):
                raise
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
