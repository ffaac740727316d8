"""How a module is run over its data: as a whole or timestep by timestep, and which axes of the data are which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils import _pytree as pytree

from ._arrays import Samples
from ._modules import WEIGHTED, start_afresh, takes_time
from ._steps import Stepper, brief, found_stepper, named_stepper, required_states
from .errors import SnnEnergyError

PROBED = 4
"""Samples that a module is tried with."""


@dataclass(frozen=True)
class Form:
    """``stepper`` is None where one call computes all timesteps."""

    values: np.ndarray
    """The data, in the order in which the module, and so the file, takes them."""
    batch_axis: int | None
    """None where samples and timesteps share an axis."""
    time_axis: int | None
    """None where the same input is shown at every timestep, or where nothing is known of time."""
    stepper: Stepper | None = None
    timesteps: int | None = None
    """How often one timestep is run."""

    @property
    def layout(self) -> str | None:
        """The order of the axes by the name the command line has for it."""
        return None if self.time_axis is None or self.batch_axis is None else "tnc" if self.time_axis == 0 else "ntc"

    @property
    def samples(self) -> int:
        return 1 if self.batch_axis is None else self.values.shape[self.batch_axis]

    def batches(self, size: int, model: nn.Module) -> Iterator[torch.Tensor]:
        """All samples, a few at a time, where the module computes."""
        if self.batch_axis is None:
            yield tensor(self.values, model)
            return
        for start in range(0, self.samples, size):
            yield tensor(self.values.take(range(start, min(start + size, self.samples)), self.batch_axis), model)

    def at(self, x: torch.Tensor, step: int) -> torch.Tensor:
        """What a timestep is given of a batch."""
        return x if self.time_axis is None else x.select(self.time_axis, step)


def tensor(values: np.ndarray, model: nn.Module) -> torch.Tensor:
    """Numbers as float32, as layers take them; class numbers for an embedding stay whole."""
    x = torch.from_numpy(np.ascontiguousarray(values))
    parameter = next(model.parameters(), None)
    if not (any(isinstance(module, nn.Embedding) for module in model.modules()) and not x.is_floating_point()):
        x = x.float()
    return x if parameter is None else x.to(parameter.device)


def run_form(model: nn.Module, form: Form, x: torch.Tensor) -> list[Any]:
    """Runs the module over a batch from a fresh start, as its author's loop does."""
    start_afresh(model)
    if form.stepper is None:
        return [model(x)]
    assert form.timesteps is not None
    # The batch axis of what a timestep is given comes first.
    carried = form.stepper.begin(form.at(x, 0).shape[0])
    outs = []
    for step in range(form.timesteps):
        out, carried = form.stepper.advance(form.at(x, step), carried)
        outs.append(out)
    return outs


def choose_form(model: nn.Module, samples: Samples, timesteps: int | None, layout: str | None, states: Mapping[str, torch.Tensor] | Sequence[torch.Tensor] | None) -> Form:
    """Tries the module, and says how it is run.

    Raises SnnEnergyError where it cannot be run, or where its data can be read in two ways.
    """
    if required_states(model):
        return _step_form(model, samples, timesteps, layout, states)
    tries = _whole_tries(model, samples)
    if any(takes_time(module) for module in model.modules()):
        return _whole_form(model, samples, tries, layout)
    # A layer that is used several times a call is in a loop over timesteps, unless there are to be more of them than it has turns.
    loops = [one for one in tries if one.calls > 1 and (timesteps in (None, one.calls) or not _holds_states(model, one.x))]
    if loops:
        return _whole_form(model, samples, loops, layout)
    stepped: SnnEnergyError | None = None
    try:
        form = _step_form(model, samples, timesteps, layout, states)
        if form.stepper is not None:
            return form
    except SnnEnergyError as error:
        stepped = error
    if stepped is not None and (not tries or _holds_states(model, tries[0].x)):
        raise stepped
    return _whole_form(model, samples, tries, layout)


def _holds_states(model: nn.Module, x: torch.Tensor) -> bool:
    return found_stepper(model, x) is not None


@dataclass(frozen=True)
class _Try:
    """A call that worked."""

    values: np.ndarray
    batch_axis: int
    x: torch.Tensor
    out: Any
    calls: int
    """How often the layer that is used most is used."""
    alone: bool | None
    """Whether samples on that axis are independent of their order; None for one sample."""


def _whole_tries(model: nn.Module, samples: Samples) -> list[_Try]:
    values, axis = samples.values, samples.sample_axis
    orders: list[tuple[np.ndarray, list[int]]] = [(values, [0, 1][: max(1, values.ndim - 1)] if axis is None else [axis])]
    if axis is not None and values.ndim > 2:
        orders.append((values.swapaxes(0, 1), [1 - axis]))
    found = []
    for ordered, axes in orders:
        for batch_axis in axes:
            x = tensor(ordered.take(range(min(PROBED, ordered.shape[batch_axis])), batch_axis), model)
            seen = _call(model, x)
            if isinstance(seen, Exception):
                continue
            out, calls, _ = seen
            found.append(_Try(ordered, batch_axis, x, out, calls, _independent(model, x, batch_axis, out)))
    return found


def _call(model: nn.Module, x: torch.Tensor, stepper: Stepper | None = None) -> tuple[Any, int, int] | Exception:
    """Calls the module. Returns its answer, how often the most used layer was used, and the axes the first layer saw."""
    uses: dict[int, int] = {}
    axes: list[int] = []

    def see(module: nn.Module, given: tuple[Any, ...]) -> None:
        uses[id(module)] = uses.get(id(module), 0) + 1
        rank = given[0].dim()
        # A convolution takes a sample without a batch: then an axis was taken away that is none of time.
        if isinstance(module, nn.modules.conv._ConvNd) and rank < len(module.kernel_size) + 2:
            raise ValueError("a convolution got no batch")
        axes.append(rank)

    handles = [module.register_forward_pre_hook(see) for module in model.modules() if isinstance(module, WEIGHTED)]
    try:
        start_afresh(model)
        out = model(x) if stepper is None else stepper.advance(x, stepper.begin(x.shape[0]))[0]
    except Exception as cause:
        return cause
    finally:
        for handle in handles:
            handle.remove()
    return out, max(uses.values(), default=0), axes[0] if axes else 0


def _independent(model: nn.Module, x: torch.Tensor, axis: int, out: Any) -> bool | None:
    """Whether turning the axis around turns the answer around, and nothing else: so it is with samples, not with time."""
    size = x.shape[axis]
    if size < 2:
        return None
    start_afresh(model)
    turned = model(x.flip(axis))
    for one, other in zip(_tensors(out), _tensors(turned)):
        places = [at for at in range(one.dim()) if one.shape[at] == size]
        if one.dtype.is_floating_point and not any(torch.allclose(one.flip(at), other, atol=1e-4) for at in places):
            return False
    return True


def _tensors(out: Any) -> list[torch.Tensor]:
    return [leaf for leaf in pytree.tree_flatten(out)[0] if isinstance(leaf, torch.Tensor) and leaf.dim() > 0]


def _whole_form(model: nn.Module, samples: Samples, tries: Sequence[_Try], layout: str | None) -> Form:
    """The order of axes in which samples do not depend on each other."""
    if layout is not None:
        wanted = {"ntc": 0, "tnc": 1}.get(layout, 0)
        tries = [one for one in tries if one.batch_axis == wanted] or list(tries)
    if not tries:
        whole = _call(model, tensor(samples.values, model))
        if isinstance(whole, Exception):
            raise SnnEnergyError(f"{type(model).__name__} cannot be run on data of {list(samples.values.shape)}: {brief(whole)}") from whole
        return Form(samples.values, None, None)
    best = [one for one in tries if one.alone] or [one for one in tries if one.alone is None]
    if not best:
        # Samples and timesteps share an axis, or the answer mixes samples: the batch stays as it is.
        return Form(tries[0].values, None, None)
    chosen = best[0]
    if len(best) > 1:
        # Both axes look alike, as in a network that is silent: take what the framework's neurons take.
        first = 1 if any(takes_time(module) and hasattr(module, "_memories") for module in model.modules()) or _looped(best[0]) == 0 else 0
        chosen = next((one for one in best if one.batch_axis == first), best[0])
    if chosen.batch_axis == 1:
        return Form(chosen.values, 1, 0)
    return Form(chosen.values, 0, 1 if _looped(chosen) == 1 else None)


def _looped(one: _Try) -> int | None:
    """The axis that has as many places as forward has turns."""
    fits = [axis for axis in (0, 1) if one.x.dim() > 2 and one.values.shape[axis] == one.calls > 1]
    return fits[0] if len(fits) == 1 else None


def _step_form(model: nn.Module, samples: Samples, timesteps: int | None, layout: str | None, states: Any) -> Form:
    """One timestep a call: which axis of the data is time, if any."""
    values, axis = samples.values, samples.sample_axis
    readings: list[tuple[int, int | None]] = []
    for batch_axis, time_axis in ((1, 0), (0, 1), (0, None)):
        long_enough = time_axis is None or (values.ndim > 2 and (timesteps is None or values.shape[time_axis] == timesteps))
        named = layout is None or layout == {0: "tnc", 1: "ntc", None: "nc"}[time_axis]
        if named and long_enough and axis in (None, batch_axis):
            readings.append((batch_axis, time_axis))
    found: list[tuple[int, Form]] = []
    failed: Exception | None = None
    refused: SnnEnergyError | None = None
    for batch_axis, time_axis in readings:
        count = timesteps or (None if time_axis is None else values.shape[time_axis])
        draft = Form(values, batch_axis, time_axis, None, count)
        x = draft.at(tensor(values.take(range(min(PROBED, values.shape[batch_axis])), batch_axis), model), 0)
        try:
            stepper = named_stepper(model, x, states) if required_states(model) else found_stepper(model, x)
        except SnnEnergyError as error:
            # States whose sizes cannot be found: so it may be for the wrong order of axes only.
            refused = refused or error
            continue
        except Exception as cause:
            failed = cause
            continue
        seen = _call(model, x, stepper)
        if isinstance(seen, Exception):
            failed = seen
            continue
        found.append((seen[2], Form(values, batch_axis, time_axis, stepper, count)))
    if not found and refused is not None:
        raise refused
    if not found:
        reason = "" if failed is None else f" ({brief(failed)})"
        raise SnnEnergyError(f"{type(model).__name__} cannot be run on data of {list(values.shape)}{'' if timesteps is None else f' for {timesteps} timesteps'}{reason}: give samples as [samples, …], or as [timesteps, samples, …].")
    fewest = min(rank for rank, _ in found)
    fits = [form for rank, form in found if rank == fewest]
    if all(form.stepper is None for form in fits):
        return fits[-1]
    if timesteps is None and layout not in ("tnc", "ntc"):
        raise SnnEnergyError(f"{type(model).__name__} computes one timestep a call: say how many there are, timesteps=…")
    if len(fits) > 1:
        orders = " or ".join(f'layout="{form.layout or "nc"}"' for form in fits)
        raise SnnEnergyError(f"data of {list(values.shape)} with {timesteps} timesteps can be read in {len(fits)} ways: say {orders} (t: timesteps, n: samples; nc: the same input at every timestep).")
    return fits[0]
