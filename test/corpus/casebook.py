"""One network of the corpus: how to build it, what to feed it, how it is exported."""

from __future__ import annotations

import inspect
import io
import re
from dataclasses import dataclass, field
from typing import Callable

import torch
from torch import nn

CASES: dict[str, Callable[[], "Case"]] = {}


@dataclass
class Case:
    model: nn.Module
    x: torch.Tensor  # as given to --data: [N, …], or [T, N, …]
    T: int
    source: str  # where networks are built so
    states: dict[str, torch.Tensor] | None = None  # of a step model: name -> value at the start for the batch
    outputs: tuple[str, ...] = ("spikes",)
    batch_axis: int | None = None  # 1 for [T, N, …]; None: 0 for a static input, 1 otherwise
    sample_major: bool = False  # rows are [N·T, …] instead of [T·N, …]
    heights: bool = False  # spikes of one height a timestep, which weights could hold
    time_last: bool = False  # [N, …, T], as SLAYER has it
    fixed: bool = False  # the batch is baked in
    reset: Callable[[], None] = lambda: None
    numbers: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    unread: dict[str, int] | None = None  # layer -> its last uses that no answer depends on
    late: tuple[str, ...] = ()  # weights applied at the end of a timestep, for the next
    neurons: dict[str, nn.Module] | None = None
    options: dict = field(default_factory=dict)
    example: torch.Tensor | None = None
    decimals: float = 1e-4

    @property
    def timed(self) -> bool:
        return self.x.dim() > 1 and self.batch_axis != 0 and self.x.shape[0] == self.T

    @property
    def batch(self) -> int:
        return self.x.shape[1] if self.timed else self.x.shape[0]


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES[make.__name__.replace("_", "-")] = make
    return make


def grid(model: nn.Module, seed: int, gain: float = 2.0, bias: float = 0.1) -> nn.Module:
    """Weights that are whole multiples of 1/64, so that sums of products of spikes are exact in any order."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                fan = p[0].numel()
                p.copy_((torch.randn(p.shape, generator=g) * gain / fan**0.5 * 64).round() / 64)
            elif name.endswith("bias"):
                p.copy_((torch.rand(p.shape, generator=g) * bias * 64).round() / 64)
        for m in model.modules():
            if isinstance(m, nn.modules.batchnorm._BatchNorm):
                m.running_mean.copy_(torch.randn(m.running_mean.shape, generator=g) * 0.1)
                m.running_var.copy_(torch.rand(m.running_var.shape, generator=g) * 0.5 + 0.5)
                if m.weight is not None:
                    m.weight.copy_(torch.rand(m.weight.shape, generator=g) * 0.5 + 0.75)
    return model.eval()


def images(seed: int, *shape: int) -> torch.Tensor:
    return (torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 1024).round() / 1024


def events(seed: int, rate: float, *shape: int) -> torch.Tensor:
    return (torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < rate).float()


class Spikes(nn.Module):
    """A place to read spikes off, in networks whose neurons are written as functions."""

    def forward(self, spikes):
        return spikes


def strip(model):
    """Takes the paths of this machine out of an exported file; what an exporter says of the network stays."""
    for node in [*model.graph.node, *[n for f in model.functions for n in f.node]]:
        kept = [(p.key, p.value) for p in node.metadata_props if "stack_trace" not in p.key and p.key not in KEPT_OUT]
        del node.metadata_props[:]
        for key, value in kept:
            node.metadata_props.add(key=key, value=value)
        node.doc_string = ""
    kept = [(p.key, p.value) for p in model.metadata_props if not re.search(r"/[a-z]+/", p.value)]
    del model.graph.metadata_props[:]  # a list of every parameter's name, as long as a small network itself
    del model.metadata_props[:]
    for key, value in kept:
        model.metadata_props.add(key=key, value=value)
    return model


# Long lists of class names that no reader needs.
KEPT_OUT = {"pkg.torch.onnx.class_hierarchy", "pkg.torch.onnx.fx_node", "pkg.onnxscript.name_scopes"}


def export(c: Case, dynamo: bool):
    """The file torch.onnx.export writes, as an ONNX model."""
    import onnx

    axis = 1 if c.timed else 0
    state_names = list(c.states or {})
    x = c.example if c.example is not None else c.x
    if c.states is not None:
        x = x[0] if c.timed else x
        axis = 0
    args = (x, *(c.states or {}).values())
    names = dict(input_names=["input", *state_names], output_names=[*c.outputs, *[f"{n}_next" for n in state_names]])
    buffer = io.BytesIO()
    c.reset()
    if dynamo:
        shapes = None
        if not c.fixed:
            batch = torch.export.Dim("batch", min=2, max=4096)
            states = tuple({0: batch} for _ in state_names)
            variadic = any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(c.model.forward).parameters.values())
            shapes = ({axis: batch}, states) if variadic else ({axis: batch}, *states)
        program = torch.onnx.export(c.model, args, dynamo=True, verbose=False, dynamic_shapes=shapes, **names)
        model = program.model_proto
    else:
        axes = None
        if not c.fixed:
            axes = {"input": {axis: "batch"}, **{n: {0: "batch"} for n in state_names}}
            axes.update({f"{n}_next": {0: "batch"} for n in state_names})
        torch.onnx.export(c.model, args, buffer, dynamo=False, dynamic_axes=axes, **names)
        model = onnx.load_from_string(buffer.getvalue())
    c.reset()
    return strip(model)


def run(c: Case):
    """Runs the network in PyTorch as its author's loop does."""
    c.reset()
    if c.states is None:
        return c.model(c.x)
    states, answers = list(c.states.values()), []
    for t in range(c.T):
        answer, *states = c.model(c.x[t] if c.timed else c.x, *states)
        answers.append(answer)
    return torch.stack(answers)


def run_file(c: Case, model):
    """Runs the exported file in onnxruntime the same way."""
    import onnxruntime as ort

    ort.set_default_logger_severity(4)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = [i.name for i in session.get_inputs()]
    if c.states is None:
        return torch.tensor(session.run(None, {inputs[0]: c.x.numpy()})[0])
    states, answers = [s.numpy() for s in c.states.values()], []
    for t in range(c.T):
        given = [(c.x[t] if c.timed else c.x).numpy(), *states]
        answer, *states = session.run(None, dict(zip(inputs, given)))
        answers.append(torch.tensor(answer))
    return torch.stack(answers)
