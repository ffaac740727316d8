"""What a spiking neural network costs in energy and time, and whether it beats the DNN it replaces.

    import snn_energy

    result = snn_energy.analyze(model, x, labels=y, timesteps=8, profile=["45nm", "loihi"])
    result.energy_joules, result.totals["spikes"], result.layers
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


from ._analyze import analyze, export
from ._result import Analysis, Comparison, compare, load
from ._verify import Hooked, Verification
from .errors import SnnEnergyError, SnnEnergyWarning

try:
    __version__ = version("snn-energy")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0"

__all__ = ["Analysis", "Comparison", "Hooked", "SnnEnergyError", "SnnEnergyWarning", "Verification", "analyze", "compare", "export", "load"]
