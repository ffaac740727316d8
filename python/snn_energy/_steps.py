"""One timestep of a module as a function of its input and its states, wherever the module keeps them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from ._modules import hold_states, kept, put, start_afresh
from .errors import SnnEnergyError


class Stepper:
    """`begin` and `advance` run the module as its author's loop does; `lifted` is the same timestep with states as arguments."""

    names: list[str]

    def begin(self, batch: int) -> Any:
        """What is carried into the first timestep."""
        raise NotImplementedError

    def advance(self, x: torch.Tensor, carried: Any) -> tuple[torch.Tensor, Any]:
        raise NotImplementedError

    def lifted(self, x: torch.Tensor, states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        raise NotImplementedError

    def zeros(self, x: torch.Tensor) -> list[torch.Tensor] | None:
        """States of zeros for a batch; None where a sequence does not begin with zeros, or where zeros say something else."""
        first, carried = self.advance(x, self.begin(x.shape[0]))
        after = self.tensors(carried)
        zeros = [torch.zeros_like(state) for state in after]
        if any(state.shape[:1] != x.shape[:1] for state in zeros):
            return None
        try:
            again, same = self.lifted(x, zeros)
        except Exception:
            return None
        equal = torch.equal(first, again) and all(torch.equal(one, other) for one, other in zip(after, same))
        return zeros if equal else None

    def tensors(self, carried: Any) -> list[torch.Tensor]:
        """The tensors among what is carried, in the order of `names`."""
        raise NotImplementedError


class NamedStates(Stepper):
    """`forward(x, mem1, mem2)` gives `(out, mem1, mem2)`."""

    def __init__(self, model: nn.Module, names: Sequence[str], start: Sequence[torch.Tensor]) -> None:
        self.model, self.names, self.start = model, list(names), list(start)

    def begin(self, batch: int) -> Any:
        return [state[:1].expand(batch, *state.shape[1:]).clone() for state in self.start]

    def advance(self, x: torch.Tensor, carried: Any) -> tuple[torch.Tensor, Any]:
        return self.lifted(x, carried)

    def lifted(self, x: torch.Tensor, states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        given = self.model(x, *states)
        if not isinstance(given, (tuple, list)) or len(given) != 1 + len(self.names):
            count = len(given) if isinstance(given, (tuple, list)) else 1
            raise SnnEnergyError(f"forward takes the states {', '.join(self.names)} and gives {count} results: it must give the answer, then each state in the same order.")
        return first_tensor(given[0]), list(given[1:])

    def tensors(self, carried: Any) -> list[torch.Tensor]:
        return carried


class ReturnedState(Stepper):
    """`forward(x, state=None)` gives `(out, state)`, the state in any nesting (Norse)."""

    def __init__(self, model: nn.Module, example: Any) -> None:
        self.model = model
        self.leaves, self.spec = pytree.tree_flatten(example)
        self.places = [at for at, leaf in enumerate(self.leaves) if isinstance(leaf, torch.Tensor)]
        self.names = [f"state{number}" for number in range(1, len(self.places) + 1)]

    def begin(self, batch: int) -> Any:
        return None

    def advance(self, x: torch.Tensor, carried: Any) -> tuple[torch.Tensor, Any]:
        out, after = self.model(x, carried)
        return first_tensor(out), after

    def lifted(self, x: torch.Tensor, states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        leaves = list(self.leaves)
        for at, state in zip(self.places, states):
            leaves[at] = state
        out, after = self.model(x, pytree.tree_unflatten(leaves, self.spec))
        answer = first_tensor(out)
        # The answer may be a state itself (a readout's membrane), but the file needs two outputs.
        return answer + 0 if any(answer is state for state in self.tensors(after)) else answer, self.tensors(after)

    def tensors(self, carried: Any) -> list[torch.Tensor]:
        found = pytree.tree_flatten(carried)[0]
        return [found[at] for at in self.places]


class HiddenStates(Stepper):
    """States that modules keep between calls: snnTorch's init_hidden, SpikingJelly's step mode s, `self.mem` of your own.

    ``liftable`` is False where a call depends on something else too, such as a counter: such a module can only be run.
    """

    def __init__(self, model: nn.Module, places: Sequence[tuple[nn.Module, str]], liftable: bool) -> None:
        self.model, self.places, self.liftable = model, list(places), liftable
        paths = {id(module): path for path, module in model.named_modules()}
        self.names = [re.sub(r"\W", "_", f"{paths[id(module)]}.{name}".lstrip(".")) for module, name in self.places]

    def begin(self, batch: int) -> Any:
        start_afresh(self.model)

    def advance(self, x: torch.Tensor, carried: Any) -> tuple[torch.Tensor, Any]:
        return first_tensor(self.model(x)), None

    def zeros(self, x: torch.Tensor) -> list[torch.Tensor] | None:
        return super().zeros(x) if self.liftable else None

    def lifted(self, x: torch.Tensor, states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        for (module, name), state in zip(self.places, states):
            put(module, name, state)
        answer = first_tensor(self.model(x))
        after = self.tensors(None)
        return answer + 0 if any(answer is state for state in after) else answer, after

    def tensors(self, carried: Any) -> list[torch.Tensor]:
        return [kept(module, name) for module, name in self.places]


def first_tensor(out: Any) -> torch.Tensor:
    found = [leaf for leaf in pytree.tree_flatten(out)[0] if isinstance(leaf, torch.Tensor)]
    if not found:
        raise SnnEnergyError(f"the module gives {type(out).__name__}, which holds no tensor.")
    return found[0]


def required_states(model: nn.Module) -> list[str]:
    """Names of the arguments that forward wants besides its input."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [p for p in inspect.signature(model.forward).parameters.values() if p.kind in positional]
    return [p.name for p in parameters[1:] if p.default is p.empty]


def named_stepper(model: nn.Module, x: torch.Tensor, given: Mapping[str, torch.Tensor] | Sequence[torch.Tensor] | None) -> NamedStates:
    """The stepper of a forward with states as arguments; where their values are not given they are zeros of the sizes that come out."""
    names = required_states(model)
    if given is not None:
        values = list(given.values()) if isinstance(given, Mapping) else list(given)
        if isinstance(given, Mapping) and set(given) >= set(names):
            values = [given[name] for name in names]
        if len(values) != len(names):
            raise SnnEnergyError(f"states holds {len(values)} tensors, but forward takes {len(names)}: {', '.join(names)}.")
        for name, value in zip(names, values):
            if value.dim() == 0 or not torch.equal(value, value[:1].expand_as(value)):
                raise SnnEnergyError(f"states[{name!r}] must be of [samples, …] and start the same for every sample.")
        return NamedStates(model, names, values)
    probe = NamedStates(model, names, [])
    try:
        # A scalar zero has any size; what comes out has the state's.
        _, states = probe.lifted(x, [torch.zeros((), device=x.device) for _ in names])
        _, states = probe.lifted(x, [torch.zeros_like(state) for state in states])
    except SnnEnergyError:
        raise
    except Exception as cause:
        raise SnnEnergyError(f"forward takes the states {', '.join(names)}, and their sizes could not be found ({brief(cause)}): give states={{'{names[0]}': torch.zeros(…), …}}.") from cause
    if any(state.shape[:1] != x.shape[:1] for state in states):
        raise SnnEnergyError(f"the states {', '.join(names)} do not come out as [samples, …]: give states={{'{names[0]}': torch.zeros(…), …}}.")
    return NamedStates(model, names, [torch.zeros_like(state) for state in states])


def found_stepper(model: nn.Module, x: torch.Tensor) -> Stepper | None:
    """The stepper of a module with returned or hidden states; None for one without, whose every call is alike."""
    start_afresh(model)
    before = hold_states(model)
    first = model(x)
    after = hold_states(model)
    if isinstance(first, tuple) and len(first) == 2 and _takes_state(model, x, first[1]):
        return ReturnedState(model, first[1])
    changed = [place for place, value in after.items() if differs(before.get(place), value)]
    if not changed:
        return None
    if any(not isinstance(after[place], torch.Tensor) for place in changed):
        return HiddenStates(model, changed, liftable=False)
    # A state is what the next call reads: with another value in its place, something comes out differently.
    read = [place for place in changed if _is_read(model, x, after, changed, place)]
    return HiddenStates(model, read, liftable=all(after[place].shape[:1] == x.shape[:1] for place in read)) if read else None


def _takes_state(model: nn.Module, x: torch.Tensor, state: Any) -> bool:
    """Whether forward has a place for the state it returned."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [p for p in inspect.signature(model.forward).parameters.values() if p.kind in positional]
    if len(parameters) < 2:
        return False
    try:
        again = model(x, state)
    except Exception:
        return False
    return isinstance(again, tuple) and len(again) == 2


def _is_read(model: nn.Module, x: torch.Tensor, after: Mapping[Any, Any], changed: Sequence[Any], place: Any) -> bool:
    def restored(value: Any) -> tuple[torch.Tensor, list[torch.Tensor]]:
        for other in changed:
            put(*other, after[other])
        put(*place, value)
        return first_tensor(model(x)), [kept(*other) for other in changed]

    value = after[place]
    if not value.is_floating_point():
        return True
    for other in (value + 0.37 + value.abs(), torch.zeros_like(value)):
        out, states = restored(value)
        out, states = out.clone(), [state.clone() for state in states]
        moved, others = restored(other)
        if differs(out, moved) or any(differs(one, two) for one, two in zip(states, others)):
            return True
    return False


def differs(before: Any, after: Any) -> bool:
    """Whether a call changed what a module holds."""
    if isinstance(before, torch.Tensor) and isinstance(after, torch.Tensor):
        return before.shape != after.shape or not torch.equal(before, after)
    if isinstance(before, torch.Tensor) or isinstance(after, torch.Tensor):
        return before is not after
    return before != after


def brief(cause: BaseException) -> str:
    """The first line of another package's complaint."""
    return f"{type(cause).__name__}: {str(cause).strip().splitlines()[0] if str(cause).strip() else 'no message'}"[:300]
