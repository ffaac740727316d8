"""Counts in the module itself, by forward hooks, apart from any export."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from ._form import Form, run_form
from ._modules import WEIGHTED, framework
from ._verify import Hooked

BATCH = 32


def hooked_counts(model: nn.Module, form: Form) -> Hooked:
    """Runs the module over all samples and counts the nonzero inputs of its weights and the spikes of its neurons."""
    names = {id(module): path or type(module).__name__ for path, module in model.named_modules()}
    inputs: dict[str, int] = {}
    spikes: dict[str, int] = {}
    whole: dict[str, bool] = {}
    made: dict[str, bool] = {}
    inner: dict[int, Any] = {}

    def see(module: nn.Module, given: tuple[Any, ...], out: Any) -> None:
        name = names.get(id(module))
        if name is None or not given or not isinstance(given[0], torch.Tensor):
            return
        x = given[0]
        y = out[0] if isinstance(out, (tuple, list)) and out else out
        if not isinstance(y, torch.Tensor):
            return
        if isinstance(module, WEIGHTED):
            inputs[name] = inputs.get(name, 0) + int(torch.count_nonzero(x))
        elif _may_spike(module) and inner.get(id(y)) is not y:
            # Spikes are whole numbers. A module that hands on what another inside it made is not counted again, nor one
            # of the user's that does something to spikes.
            spikes[name] = spikes.get(name, 0) + int(torch.count_nonzero(y))
            whole[name] = whole.get(name, True) and _whole(y)
            made[name] = made.get(name, False) or bool(framework(module)) or not _whole(x)
        inner[id(y)] = y

    handle = register_module_forward_hook(see)
    try:
        for batch in form.batches(BATCH, model):
            run_form(model, form, batch)
            inner.clear()
    finally:
        handle.remove()
    if _weights_elsewhere(model):
        inputs.clear()
    return Hooked(tuple((name, count) for name, count in spikes.items() if whole[name] and made[name]), tuple(inputs.items()))


def _weights_elsewhere(model: nn.Module) -> bool:
    """Whether a matrix belongs to a module that is none of torch's layers, as a cell's recurrent weights do."""
    return any(parameter.dim() > 1 for module in model.modules() if not isinstance(module, WEIGHTED) for parameter in module.parameters(recurse=False))


def _whole(y: torch.Tensor) -> bool:
    return torch.equal(y, y.round())


def _may_spike(module: nn.Module) -> bool:
    """A neuron of a framework, or an own module without modules inside."""
    home = framework(module)
    parents = {cls.__name__ for cls in type(module).__mro__}
    if home == "spikingjelly":
        return hasattr(module, "_memories") or "BaseNode" in parents or hasattr(module, "surrogate_function")
    if home == "sinabs":
        return hasattr(module, "reset_states")
    if home == "norse":
        return any(re.search(r"(SNN|Cell|LIF|IAF|Izhikevich)", name) for name in parents)
    if home == "snntorch":
        return hasattr(module, "spike_grad")
    return not type(module).__module__.startswith("torch.") and next(module.children(), None) is None
