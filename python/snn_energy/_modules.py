"""What is known about modules of each framework: which ones spike, which hold time, and how they start afresh."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn

WEIGHTED = (nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd)


def framework(module: nn.Module) -> str:
    """The package that a module's class, or a parent of it, comes from; "" for the user's own."""
    for cls in type(module).__mro__:
        home = cls.__module__.split(".")[0]
        if home in ("snntorch", "spikingjelly", "norse", "sinabs"):
            return home
        if home == "torch":
            break
    return ""


def takes_time(module: nn.Module) -> bool:
    """True for a neuron that computes all timesteps in one call: SpikingJelly's step mode m, Norse's LIF (not LIFCell), Sinabs' layers."""
    home = framework(module)
    if home == "spikingjelly":
        return getattr(module, "step_mode", "s") == "m" and hasattr(module, "_memories")
    if home == "sinabs":
        return hasattr(module, "reset_states")
    parents = {cls.__name__ for cls in type(module).__mro__}
    if home == "norse":
        return bool(parents & {"SNN", "SNNRecurrent"})
    return home == "snntorch" and bool(parents & {"LeakyParallel", "StateLeaky"})


def hold_states(model: nn.Module) -> dict[tuple[nn.Module, str], Any]:
    """Every tensor or number a module keeps besides its parameters, by the module and the name it is set by."""
    found: dict[tuple[nn.Module, str], Any] = {}
    for module in model.modules():
        plain = {name: value for name, value in vars(module).items() if not name.startswith("_") and (value is None or isinstance(value, (torch.Tensor, int, float, tuple)))}
        for kept in (module._buffers, getattr(module, "_memories", {}), plain):
            found.update({(module, name): value for name, value in kept.items() if name != "training"})
    return found


_beginnings: WeakKeyDictionary[nn.Module, dict[tuple[nn.Module, str], Any]] = WeakKeyDictionary()
"""What the user's own modules held when a module was borrowed."""


def start_afresh(model: nn.Module) -> None:
    """Puts hidden states to where a sequence begins, for any batch."""
    for (module, name), value in _beginnings.get(model, {}).items():
        put(module, name, value.clone() if isinstance(value, torch.Tensor) else value)
    for module in model.modules():
        home = framework(module)
        if home == "snntorch":
            for name in module._non_persistent_buffers_set:
                module._buffers[name] = torch.zeros(0, device=module._buffers[name].device)
        elif home == "sinabs" and hasattr(module, "reset_states"):
            for name, value in module._buffers.items():
                if value is not None and value.shape[:1] != (0,):
                    module._buffers[name] = torch.zeros(0, device=value.device)
        elif home != "norse":
            _call_reset(module)


def _call_reset(module: nn.Module) -> None:
    for name in ("reset", "reset_state", "reset_states", "reset_hidden", "reset_mem"):
        method = getattr(module, name, None)
        if method is None or not inspect.ismethod(method):
            continue
        if all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in inspect.signature(method).parameters.values()):
            method()
            return


@contextmanager
def borrowed(model: nn.Module) -> Iterator[None]:
    """The module in evaluation mode; afterwards it is as it was, hidden states included."""
    training = {module: module.training for module in model.modules()}
    states = hold_states(model)
    model.eval()
    _beginnings[model] = {place: value.clone() if isinstance(value, torch.Tensor) else value for place, value in states.items() if not framework(place[0])}
    try:
        with torch.no_grad():
            yield
    finally:
        del _beginnings[model]
        for module, mode in training.items():
            module.training = mode
        for (module, name), value in states.items():
            put(module, name, value)


def put(module: nn.Module, name: str, value: Any) -> None:
    """Sets a state where the module keeps it."""
    if name in module._buffers:
        module._buffers[name] = value
    elif name in getattr(module, "_memories", {}):
        module._memories[name] = value  # type: ignore[index,union-attr,assignment]
    else:
        object.__setattr__(module, name, value)


def kept(module: nn.Module, name: str) -> Any:
    """What `put` sets."""
    if name in module._buffers:
        return module._buffers[name]
    memories = getattr(module, "_memories", {})
    return memories[name] if name in memories else vars(module).get(name)
