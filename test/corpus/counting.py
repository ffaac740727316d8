"""Counts a network's events in PyTorch, apart from any export.

Every use of weights (F.linear, F.conv*, matmul with a parameter) and every product of activations is intercepted
while the framework's own code runs; spikes are read off the outputs of its neuron modules. Nothing here knows of ONNX.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

MATMULS = {torch.matmul, torch.Tensor.matmul, torch.Tensor.__matmul__, torch.bmm, torch.Tensor.bmm, torch.mm, torch.Tensor.mm}
CONVS = {
    torch.conv1d: F.conv1d, torch.conv2d: F.conv2d, torch.conv3d: F.conv3d,
    F.conv1d: F.conv1d, F.conv2d: F.conv2d, F.conv3d: F.conv3d,
    torch.conv_transpose1d: F.conv_transpose1d, torch.conv_transpose2d: F.conv_transpose2d,
    F.conv_transpose1d: F.conv_transpose1d, F.conv_transpose2d: F.conv_transpose2d,
}
CELLS = {torch.lstm_cell, torch.gru_cell, torch.rnn_tanh_cell, torch.rnn_relu_cell}


@dataclass
class Call:
    x: torch.Tensor
    events: object  # mask of x -> number of connections those elements drive, for each element of the output
    dense: int  # multiply-accumulates of one call for the whole batch
    whole: bool = False  # works on all timesteps at once


@dataclass
class Record:
    """What ran: calls by layer in order, products of activations, spikes by neuron."""

    layers: dict[str, list[Call]] = field(default_factory=dict)
    products: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)
    spikes: dict[str, list[torch.Tensor]] = field(default_factory=dict)


class Counter(TorchFunctionMode):
    def __init__(self, names: dict[int, str], record: Record):
        super().__init__()
        self.names, self.record, self.inside = names, record, False

    def name_of(self, weight) -> str | None:
        while isinstance(weight, torch.Tensor):
            if id(weight) in self.names:
                return self.names[id(weight)]
            weight = weight._base  # a transposed or reshaped parameter is still the parameter
        return None

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        outer, self.inside = self.inside, True
        try:
            result = func(*args, **kwargs)
            if not outer:
                self.see(func, args, kwargs, result)
            return result
        finally:
            self.inside = outer

    def see(self, func, args, kwargs, result):
        if func is F.linear or func is torch.nn.functional.linear:
            x, w = args[0], kwargs.get("weight", args[1] if len(args) > 1 else None)
            name = self.name_of(w) or f"weight {tuple(w.shape)}"
            ones = torch.ones_like(w, dtype=torch.float64)
            self.use(name, x, lambda m, ones=ones: F.linear(m, ones), x.numel() * w.shape[0])
        elif func in CONVS:
            conv = CONVS[func]
            x, w, *rest = args
            rest = rest[1:]
            extra = {k: v for k, v in kwargs.items() if k not in ("bias",)}
            name = self.name_of(w) or f"weight {tuple(w.shape)}"
            ones = torch.ones_like(w, dtype=torch.float64)
            if "transpose" in conv.__name__:
                dense = x.numel() * w[0].numel()
            else:
                dense = result.numel() * w[0].numel()
            self.use(name, x, lambda m, c=conv, o=ones, r=tuple(rest), e=extra: c(m, o, None, *r, **e), dense)
        elif func is torch.addmm:  # a matrix over time, [T, T] · [T, …]: parallel spiking neurons
            w, x = args[1], args[2]
            ones = torch.ones_like(w, dtype=torch.float64)
            calls = self.record.layers.setdefault(f"time matrix {len(self.record.layers)}", [])
            calls.append(Call(x.detach().clone(), lambda m: ones @ m, w.numel() * x.shape[1], whole=True))
        elif func in CELLS:  # weights on the input and on the hidden state
            x, hidden, *weights = args
            h = hidden[0] if isinstance(hidden, (tuple, list)) else hidden
            for source, w in ((x, weights[0]), (h, weights[1])):
                ones = torch.ones_like(w, dtype=torch.float64)
                self.use(self.name_of(w), source, lambda m, o=ones: F.linear(m, o), source.numel() * w.shape[0])
        elif func in MATMULS:
            a, b = args[0], args[1]
            left, right = self.name_of(a), self.name_of(b)
            if right or left:
                w, x = (b, a) if right else (a, b)
                ones = torch.ones_like(w, dtype=torch.float64)
                events = (lambda m, o=ones: m @ o) if right else (lambda m, o=ones: o @ m)
                dense = result.numel() * w.shape[-2 if right else -1]
                self.use(right or left, x, events, dense)
            elif a.dim() > 1 and b.dim() > 1:
                self.record.products.append((a.detach().clone(), b.detach().clone()))

    def use(self, name, x, events, dense):
        self.record.layers.setdefault(name, []).append(Call(x.detach().clone(), events, dense))


def run_and_record(model, run, neurons: dict[str, torch.nn.Module]) -> Record:
    """Runs `run()` on `model` and writes down what it did."""
    record = Record()
    names = {id(p): n.removesuffix(".weight") for n, p in [*model.named_parameters(), *model.named_buffers()] if p.dim() > 1}
    hooks = []
    for name, module in neurons.items():
        def hook(_module, _inputs, output, name=name):
            first = output[0] if isinstance(output, (tuple, list)) else output
            record.spikes.setdefault(name, []).append(first.detach().clone())
        hooks.append(module.register_forward_hook(hook))
    try:
        with torch.no_grad(), Counter(names, record):
            run()
    finally:
        for hook in hooks:
            hook.remove()
    return record


def magnitudes(tensors) -> list[float]:
    """Distinct nonzero magnitudes, those within rounding of each other taken as one."""
    values = torch.cat([t.detach().abs().flatten() for t in tensors]).double()
    values = values[values > 0].unique()
    found: list[float] = []
    for v in values.tolist():
        if not found or v - found[-1] > 1e-5 * v:
            found.append(v)
        if len(found) > 64:
            break
    return found


def spike_height(mags: list[float], numbers: bool) -> float | None:
    """θ, of which every element is a whole multiple; None where the values are numbers."""
    if not mags:
        return 1.0
    if len(mags) == 1:
        return mags[0]
    if numbers or len(mags) > 64:
        return None
    if all(abs(m / mags[0] - round(m / mags[0])) < 1e-3 for m in mags):
        return mags[0]
    return None


def by_timestep(tensors, T: int, batch: int, first: bool, sample_major: bool = False, time_last: bool = False) -> list[list[torch.Tensor]]:
    """The calls of a layer dealt out to timesteps.

    T·k calls are k a timestep; one call that holds all timesteps, [T, B, …] or [T·B, …], is cut up; one call on [B, …] is an
    input that never changes (`first`), which a framework's loop uses at every timestep, or a head that is computed once, at the end.
    """
    n = len(tensors)
    if time_last and all(x.shape[0] == batch and x.shape[-1] == T for x in tensors):
        return [[x[..., t : t + 1] for x in tensors] for t in range(T)]
    if n % T == 0 and not (n == T and tensors[0].shape[0] == T and tensors[0].dim() > 1 and tensors[0].shape[1] == batch):
        return [[tensors[k * (n // T) + i] for i in range(n // T)] for k in range(T)]
    out: list[list[torch.Tensor]] = [[] for _ in range(T)]
    for x in tensors:
        if x.shape[0] == T and x.dim() > 1 and x.shape[1] == batch:
            for t in range(T):
                out[t].append(x[t])
        elif x.shape[0] == T * batch:
            rows = x.reshape(batch, T, *x.shape[1:]).transpose(0, 1) if sample_major else x.reshape(T, batch, *x.shape[1:])
            for t, part in enumerate(rows):
                out[t].append(part)
        elif x.shape[0] == batch and x.dim() > 2 and x.shape[1] == T:
            for t in range(T):
                out[t].append(x[:, t])
        elif x.shape[0] == batch:
            for t in range(T) if first else [T - 1]:
                out[t].append(x)
        else:
            raise ValueError(f"{n} calls on {tuple(x.shape)} for {T} timesteps of {batch} samples")
    return out


def reference(record: Record, T: int, batch: int, *, numbers=(), once=(), skip=(), sample_major=False, time_last=False, heights=False, unread=None, late=()) -> dict:
    """What the counts are, per layer and timestep, summed over the batch."""
    layers = []
    for at, (name, calls) in enumerate(record.layers.items()):
        # Weights used twice a timestep on inputs of their own are one layer with the sum of both.
        mags = magnitudes([c.x for c in calls])
        theta = spike_height(mags, at == 0 or name in numbers)
        whole = [[] for _ in range(T - 1)] + [[c.x for c in calls]]
        dealt = whole if calls[0].whole else by_timestep([c.x for c in calls], T, batch, at == 0 or name in once, sample_major, time_last)
        one = dict(name=name, dense=calls[0].dense * len(calls) // (batch * max(1, sum(len(d) > 0 for d in dealt))),
                   inputs=[], events=[], acs=[], macs=[])
        events = calls[0].events
        if len(calls) == 1 and dealt[0] and dealt[0][0].shape == calls[0].x.shape:
            one["dense"] = calls[0].dense // batch
        for parts in dealt:
            total = [0, 0, 0, 0]
            if heights and at > 0:
                theta = spike_height(magnitudes(parts), False)
            for x in parts:
                mask = (x != 0).double()
                spikes = (x.abs().double() - theta).abs() < 1e-4 * theta if theta else torch.zeros_like(x, dtype=torch.bool)
                driven = round(events(mask).sum().item())
                acs = round(events(spikes.double()).sum().item())
                total = [a + b for a, b in zip(total, [int(mask.sum().item()), driven, acs, driven - acs])]
            for key, value in zip(("inputs", "events", "acs", "macs"), total):
                one[key].append(value)
        for key in ("inputs", "events", "acs", "macs"):
            one[key] = moved(one[key], name, unread or {}, name in late)
        layers.append(one)
    neurons = []
    for name, outputs in record.spikes.items():
        if name in skip:
            continue
        dealt = by_timestep(outputs, T, batch, True, sample_major, time_last)
        neurons.append(dict(name=name, neurons=sum(p[0].numel() for p in dealt[0]),
                            spikes=moved([sum(int((p != 0).sum()) for p in parts) for parts in dealt], name, unread or {}, False)))
    return dict(layers=layers, neurons=neurons, products=products(record, T, batch))


def moved(counts: list[int], name: str, unread: dict[str, int], late: bool) -> list[int]:
    """What of it the answer depends on, at the timestep it arrives at.

    A cell that moves its membrane with the last timestep's current computes, at the end, currents that nothing reads; no
    exporter writes them into the file. Recurrent weights that are applied at the end of a timestep act in the next.
    """
    if late:
        counts = [0, *counts[:-1]]
    kept = len(counts) - unread.get(name, 0)
    return [*counts[:kept], *[0] * (len(counts) - kept)]


def products(record: Record, T: int, batch: int) -> dict:
    """Products of activations: pairs of nonzero elements that meet, all of them together."""
    events = acs = 0
    groups: dict[tuple, list] = {}
    per = max(1, len(record.products) // T) if len(record.products) % T == 0 else len(record.products)
    for at, pair in enumerate(record.products):
        groups.setdefault((at % per,), []).append(pair)
    for pairs in groups.values():
        binary = [len(magnitudes([p[side] for p in pairs])) <= 1 for side in (0, 1)]
        met = sum(round(((a != 0).double() @ (b != 0).double()).sum().item()) for a, b in pairs)
        events += met
        acs += met if any(binary) else 0
    return dict(events=events, acs=acs, macs=events - acs)
