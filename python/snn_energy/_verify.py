"""How counts of the exported file compare with hooks in the module it was exported from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._contract import Record


@dataclass(frozen=True)
class Hooked:
    """What forward hooks saw over all samples and timesteps, in the order of first use."""

    spikes: tuple[tuple[str, int], ...]
    """Nonzero outputs by spiking module."""
    inputs: tuple[tuple[str, int], ...]
    """Nonzero inputs by module with weights; none where weights are applied outside of torch's own layers, which no hook sees."""


@dataclass(frozen=True)
class Verification:
    """Counts of the file beside those of the module."""

    agrees: bool
    differences: tuple[str, ...]
    """A sentence for each kind of count that is another."""
    hooked: Hooked

    def __str__(self) -> str:
        spikes, inputs = self.hooked.spikes, self.hooked.inputs
        total = sum(count for _, count in spikes)
        parts = [f"{total:,} spikes of {len(spikes)} modules"] if spikes else []
        parts += [f"the nonzero inputs of {len(inputs)} layers"] if inputs else []
        seen = " and ".join(parts)
        return f"Counts equal forward hooks in PyTorch: {seen}." if self.agrees else f"Counts differ from forward hooks in PyTorch: {' '.join(self.differences)}"


def compare_counts(hooked: Hooked, record: Record) -> Verification:
    """Layer by layer where both sides have as many layers, else by their sums.

    A first layer whose input does not change is counted once (`encoder="once"`), although a framework's loop computes it at every timestep.
    """
    differences = []
    counted = [layer["totals"]["spikes"] for layer in record["layers"] if layer["kind"] == "neuron" and layer["spiking"]]
    seen = [count for _, count in hooked.spikes]
    # A network that spikes in functions, not in modules, has no hooks to compare spikes with; its layers' inputs show them.
    if seen and not _alike(seen, counted):
        differences.append(f"{sum(counted):,} spikes are counted, the module fires {sum(seen):,} ({_listed(hooked.spikes)}).")
    timesteps = record["run"]["timesteps"]
    active = []
    for layer in record["layers"]:
        # Products of activations are layers too; they have no weights, and no module.
        if layer["kind"] == "synaptic" and layer["geometry"]["weightElements"] > 0:
            totals = layer["totals"]["activeInputs"]
            once = record["run"]["encoder"] == "once" and timesteps > 1 and all(step["activeInputs"] == 0 for step in layer["perTimestep"][1:])
            active.append((totals, totals * timesteps if once else totals))
    given = [count for _, count in hooked.inputs]
    if given and not any(_alike(given, [pair[at] for pair in active]) for at in (0, 1)):
        differences.append(f"{sum(pair[1] for pair in active):,} nonzero inputs are counted, layers of the module take {sum(given):,} ({_listed(hooked.inputs)}).")
    return Verification(not differences, tuple(differences), hooked)


def _alike(seen: Sequence[int], counted: Sequence[int]) -> bool:
    return sorted(seen) == sorted(counted) if len(seen) == len(counted) else sum(seen) == sum(counted)


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in counts)
