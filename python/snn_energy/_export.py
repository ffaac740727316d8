"""A PyTorch module as an ONNX file, by the recipes of docs/export.md: one timestep with its states, or all of them."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from ._form import Form, tensor
from ._modules import framework, start_afresh
from ._steps import Stepper, brief
from .errors import SnnEnergyError

EXAMPLES = 16
"""Samples that an exporter sees. Where it bakes their number into the file, the command line runs that many at once."""


@dataclass(frozen=True)
class Exported:
    """A file that holds a module."""

    path: str
    how: str
    """In words, such as "one timestep, traced"."""
    timesteps: int | None
    """How often the file is run for an inference; None where it computes all timesteps."""
    layout: str | None
    """The order of the data's axes, "tnc" or "ntc"; None where nothing has to be said."""


class _Step(nn.Module):
    """One timestep: states go in and come out."""

    def __init__(self, model: nn.Module, stepper: Stepper) -> None:
        super().__init__()
        self.model, self.stepper = model, stepper

    def forward(self, x: torch.Tensor, *states: torch.Tensor) -> tuple[torch.Tensor, ...]:
        out, after = self.stepper.lifted(x, states)
        return (out, *after)


class _Loop(nn.Module):
    """All timesteps, written out: for states that do not begin with zeros, or that are not tensors."""

    def __init__(self, model: nn.Module, form: Form) -> None:
        super().__init__()
        self.model, self.form = model, form

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        form = self.form
        assert form.stepper is not None and form.timesteps is not None
        carried = form.stepper.begin(form.at(x, 0).shape[0])
        outs = []
        for step in range(form.timesteps):
            out, carried = form.stepper.advance(form.at(x, step), carried)
            outs.append(out)
        return torch.stack(outs)


class _Whole(nn.Module):
    """The tensors that forward gives."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        out = self.model(x)
        # (answer, state): a state in a nesting of its own is no answer.
        if isinstance(out, tuple) and len(out) == 2 and not isinstance(out[1], torch.Tensor):
            out = out[0]
        return tuple(leaf for leaf in pytree.tree_flatten(out)[0] if isinstance(leaf, torch.Tensor))


@dataclass(frozen=True)
class _Job:
    """What is handed to an exporter."""

    module: nn.Module
    inputs: tuple[torch.Tensor, ...]
    input_names: list[str]
    output_names: list[str]
    axes: list[int]
    """The batch axis of each input; empty where the batch stays as it is."""
    how: str
    timesteps: int | None


def _job(model: nn.Module, form: Form) -> _Job:
    x = next(iter(form.batches(EXAMPLES, model)))
    if form.stepper is None:
        start_afresh(model)
        count = len(_Whole(model)(x))
        names = ["output", *[f"output{number}" for number in range(2, count + 1)]]
        return _Job(_Whole(model), (x,), ["input"], names, [] if form.batch_axis is None else [form.batch_axis], "all timesteps as forward computes them", None)
    assert form.batch_axis is not None
    given = form.at(x, 0)
    start = form.stepper.zeros(given)
    if start is None:
        return _Job(_Loop(model, form), (x,), ["input"], ["output"], [form.batch_axis], "all timesteps written out", None)
    states = form.stepper.names
    names = ["output", *[f"{name}_next" for name in states]]
    return _Job(_Step(model, form.stepper), (given, *start), ["input", *states], names, [0] * (1 + len(start)), f"one timestep with {len(states)} states", form.timesteps)


def exports(model: nn.Module, form: Form, folder: str, name: str) -> Iterator[Exported]:
    """The module's files, the best first: each exporter's with an open batch, then with the batch as it is.

    Raises SnnEnergyError when no exporter takes the module.
    """
    job = _job(model, form)
    failures: list[str] = []
    yielded = 0
    # SpikingJelly 2 computes its neurons with operators of its own, which only the dynamo exporter takes apart.
    order = (True, False) if _own_operators(model) else (False, True)
    for dynamic, dynamo in ((dynamic, dynamo) for dynamic in (True, False) for dynamo in order):
        if dynamic and (not job.axes or form.samples < 2):
            continue
        path = os.path.join(folder, f"{name}.onnx")
        words = "dynamo exporter" if dynamo else "traced"
        try:
            start_afresh(model)
            with _quiet():
                (_by_dynamo if dynamo else _by_tracing)(job, path, dynamic)
        except Exception as cause:
            failures.append(f"{words}: {brief(cause)}")
            continue
        yielded += 1
        yield Exported(path, f"{job.how}, {words}{'' if dynamic else ', batch as it is'}", job.timesteps, form.layout)
    if yielded == 0:
        missing = [package for package in ("onnx", "onnxscript") if find_spec(package) is None]
        if missing:
            raise SnnEnergyError(f"{type(model).__name__} could not be exported: PyTorch's exporters need {' and '.join(missing)}. `pip install {' '.join(missing)}` brings them.")
        raise SnnEnergyError(f"{type(model).__name__} could not be exported to ONNX ({'; '.join(dict.fromkeys(failures))}). docs/export.md shows what each framework's exporter takes.")


def _own_operators(model: nn.Module) -> bool:
    if not any(framework(module) == "spikingjelly" for module in model.modules()):
        return False
    return not version("spikingjelly").startswith("0.")


def _by_tracing(job: _Job, path: str, dynamic: bool) -> None:
    axes = None
    if dynamic:
        axes = {name: {axis: "batch"} for name, axis in zip(job.input_names, job.axes)}
        axes.update({name: {0: "batch"} for name in job.output_names if name.endswith("_next")})
    options: dict[str, Any] = {"dynamo": False} if "dynamo" in torch.onnx.export.__code__.co_varnames else {}
    torch.onnx.export(job.module, job.inputs, path, input_names=job.input_names, output_names=job.output_names, dynamic_axes=axes, **options)


def _by_dynamo(job: _Job, path: str, dynamic: bool) -> None:
    shapes: Any = None
    if dynamic:
        batch = torch.export.Dim("batch", min=2)
        first, *states = [{axis: batch} for axis in job.axes]
        shapes = (first, tuple(states)) if isinstance(job.module, _Step) else (first,)
    torch.onnx.export(
        job.module, job.inputs, path, input_names=job.input_names, output_names=job.output_names, dynamic_shapes=shapes, dynamo=True, external_data=False, verbose=False
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Exporters print and warn of much that does not matter here, some of it from C++; what fails is said in an error."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    try:
        with warnings.catch_warnings(), open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            warnings.simplefilter("ignore")
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        for place, original in enumerate(kept, 1):
            os.dup2(original, place)
            os.close(original)
        logging.disable(before)
