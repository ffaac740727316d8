"""Builds the corpus: python test/corpus/build.py [--out DIR] [name …]"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import logging
import os
import random
import shutil
import sys
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
sys.path.insert(0, str(Path(__file__).parent))
from casebook import CASES, export, run, run_file  # noqa: E402
from counting import reference, run_and_record  # noqa: E402


def neuron_modules(c):
    if c.neurons is not None:
        return c.neurons
    import neuron_classes

    found, inside = {}, []
    for name, module in c.model.named_modules():
        if neuron_classes.is_neuron(module) and not any(name.startswith(p + ".") for p in inside):
            found[name] = module
            inside.append(name)
    return found


def build(case_name: str, out: Path, ways=("dynamo", "traced"), suffix="") -> str:
    torch.manual_seed(0)
    np.random.seed(0), random.seed(0)  # some neurons draw their gates from these
    c = CASES[case_name]()
    name = case_name + suffix
    c.model.eval()
    answer = []
    record = run_and_record(c.model, lambda: answer.append(run(c)), neuron_modules(c))
    first = answer[0][0] if isinstance(answer[0], (tuple, list)) else answer[0]
    ref = reference(record, c.T, c.batch, numbers=c.numbers, once=c.once, skip=c.skip, sample_major=c.sample_major, time_last=c.time_last, heights=c.heights, unread=c.unread, late=c.late)
    silent = [n["name"] for n in ref["neurons"] if sum(n["spikes"]) == 0]
    dead = [n["name"] for n in ref["neurons"] if sum(n["spikes"]) == n["neurons"] * c.T * c.batch]
    folder = out / f".{name}"
    folder.mkdir(parents=True, exist_ok=True)
    said = []
    files = {}
    before = out / name / "reference.json"
    known = json.loads(before.read_text())["files"] if before.exists() else {}
    for way in ("dynamo", "traced"):
        path = folder / f"{way}.onnx"
        path.unlink(missing_ok=True)
        if way not in ways:
            if way in known:
                files[way] = known[way]
                if (out / name / path.name).exists():
                    shutil.copy(out / name / path.name, path)
            continue
        try:
            with quiet():
                model = export(c, way == "dynamo")
        except Exception as error:  # the framework's own limits are part of what is recorded
            cause = error.__cause__ or error
            text = f"{type(cause).__name__}: {str(cause).strip()[-600:]}"
            files[way] = "not exported: " + type(error).__name__
            said.append(f"{way}: {type(error).__name__} {text!r}")
            continue
        try:
            found = run_file(c, model)
            same = found.shape == first.shape and bool(((found.float() - first.float()).abs() <= c.decimals).all())
        except Exception as error:
            files[way] = "not run by onnxruntime: " + type(error).__name__
            said.append(f"{way}: onnxruntime {str(error)[:300]!r}")
            continue
        if not same:
            files[way] = "computes something else than PyTorch"
            worst = (found.float() - first.float()).abs().max().item() if found.shape == first.shape else found.shape
            said.append(f"{way}: differs from PyTorch by {worst}")
            continue
        path.write_bytes(model.SerializeToString())
        files[way] = f"{way}.onnx"
    np.save(folder / "inputs.npy", c.x.numpy())
    step = c.states is not None
    reference_file = dict(
        source=c.source, timesteps=c.T, samples=c.batch, step=step, files=files,
        options={**({"timesteps": c.T} if step else {}), **c.options}, **ref,
    )
    (folder / "reference.json").write_text(compact(reference_file) + "\n")
    shutil.rmtree(out / name, ignore_errors=True)
    folder.rename(out / name)
    if silent or dead:
        said.append(f"silent: {silent} saturated: {dead}")
    return "; ".join(said)


@contextlib.contextmanager
def quiet():
    """The exporters print whole graphs when they fail."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(nowhere), os.close(kept)


def compact(value) -> str:
    """JSON with a line a layer."""
    lines = []
    for key, item in value.items():
        if isinstance(item, list) and item and isinstance(item[0], dict):
            lines.append(f'  "{key}": [\n    ' + ",\n    ".join(json.dumps(one) for one in item) + "\n  ]")
        else:
            lines.append(f'  "{key}": {json.dumps(item)}')
    return "{\n" + ",\n".join(lines) + "\n}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "fixtures" / "corpus")
    parser.add_argument("--ways", default="dynamo,traced", help="build only these files, keep the others")
    parser.add_argument("--suffix", default="", help="behind every name, for another release of a framework")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    for path in sorted((Path(__file__).parent / "nets").glob("*.py")):
        try:
            importlib.import_module(f"nets.{path.stem}")
        except ImportError as error:
            print(f"left out: {path.stem}: {error}")
    torch.set_num_threads(1)
    for name in CASES:
        if args.names and not any(name.startswith(n) for n in args.names):
            continue
        start = time.time()
        try:
            said = build(name, args.out, args.ways.split(","), args.suffix)
        except Exception:
            said = "FAILED " + traceback.format_exc(limit=-3).replace("\n", " | ")
        print(f"{name} ({time.time() - start:.1f} s) {said}", flush=True)


if __name__ == "__main__":
    main()
