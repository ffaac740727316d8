"""From a model and data to a result."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _node
from ._arrays import Samples, gather
from ._progress import Bar
from ._result import Analysis, located, option_arguments, profile_arguments
from ._verify import compare_counts
from .errors import SnnEnergyError, SnnEnergyWarning

if TYPE_CHECKING:
    import torch

    from ._export import Exported


def analyze(
    model: Any,
    data: Any = None,
    labels: Any = None,
    timesteps: int | None = None,
    profile: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = "45nm",
    *,
    samples: int | None = None,
    layout: str | None = None,
    states: Mapping[str, torch.Tensor] | Sequence[torch.Tensor] | None = None,
    verify: bool = True,
    progress: bool | None = None,
    name: str | None = None,
    **options: Any,
) -> Analysis:
    """Counts what a network does on data, and prices it.

    model: a torch.nn.Module (snnTorch, SpikingJelly, Norse, Sinabs, plain PyTorch), an ONNX model in memory, or a file's name.
    data: a tensor, an array, a DataLoader or data set, a file's name, or what ``--data`` takes, such as "events:FOLDER" with
        ``bins=10, sensor="34x34"``; without it, samples.npz beside the file.
        Samples, not random numbers: random numbers make random spikes.
    labels: class numbers, one a sample; a loader's own are taken where none are given.
    timesteps: how often a module that computes one timestep a call is run.
    profile: one hardware profile or several, names or files.
    samples: only the first so many.
    layout: "ntc" for [samples, timesteps, …], "tnc" for [timesteps, samples, …], "nc" for the same input at every timestep; where sizes leave it open.
    states: of a forward that takes its states as arguments, where their sizes cannot be found by trying.
    verify: run the module too and compare the counts with forward hooks; a difference is an SnnEnergyWarning, and stands in ``verification``.
    progress: True or False insists; by default a bar in a notebook and a line in a terminal.
    name: what a module is called in the result; by default its class.
    options: any other option of `snn-energy analyze`, such as ``encoder="every-step"``, ``spike_test="layer"``, ``set=["E_ac=0.4pJ"]``.

    Raises SnnEnergyError, with one sentence.
    """
    bar = Bar(progress)
    try:
        with tempfile.TemporaryDirectory(prefix="snn-energy-") as folder:
            return _analyzed(model, data, labels, timesteps, profile, samples, layout, states, verify, name, options, Path(folder), bar)
    finally:
        bar.close()


def export(
    model: torch.nn.Module,
    data: Any,
    path: str | os.PathLike[str],
    timesteps: int | None = None,
    *,
    layout: str | None = None,
    states: Mapping[str, torch.Tensor] | Sequence[torch.Tensor] | None = None,
) -> Exported:
    """Writes a module as the file that `analyze` would count, for the command line or another machine.

    The result says how the file was made, and the timesteps and layout that the command line has to be told.
    """
    if not _is_module(model):
        raise SnnEnergyError(f"export takes a torch.nn.Module, not {type(model).__name__}.")
    from dataclasses import replace

    with tempfile.TemporaryDirectory(prefix="snn-energy-") as folder:
        for exported, _ in _candidates(model, gather(data, None, None, layout), timesteps, layout, states, Path(folder), "model", False):
            shutil.copyfile(exported.path, path)
            return replace(exported, path=os.fspath(path))
    raise AssertionError("no exporter raised and none gave a file")


def _analyzed(
    model: Any, data: Any, labels: Any, timesteps: int | None, profile: Any, samples: int | None, layout: str | None, states: Any,
    verify: bool, name: str | None, options: dict[str, Any], folder: Path, progress: Bar,
) -> Analysis:  # fmt: skip
    flags = [*profile_arguments(profile), *option_arguments(options)]
    named = isinstance(data, (str, os.PathLike))
    if not _is_module(model):
        if not named and data is not None:
            gathered = gather(data, labels, samples, layout)
            flags += ["--data", _written(folder / "x.npy", gathered.values)]
            labels = gathered.labels
        elif named:
            flags += ["--data", located(data)]
        flags += [*_label_flags(labels, folder), *_flag("samples", samples), *_flag("layout", None if layout == "nc" else layout), *_flag("timesteps", timesteps)]
        return _run(*_file_of(model, folder, name), flags, progress)
    if named and _names_recordings(data):
        gathered = _frames(data, samples, options, folder)
        flags += [*_label_flags(labels, folder), *_flag("samples", samples), "--data", located(data)]
        count = timesteps or gathered.values.shape[1]
        return _module_result(model, gathered, count, layout, states, verify, name or type(model).__name__, flags, folder, progress, recordings=True)
    if named:
        data = _loaded(data)
    if data is None:
        raise SnnEnergyError("a module needs data: give a tensor or an array of samples, or a DataLoader.")
    if isinstance(labels, (str, os.PathLike)):
        labels = _loaded(labels)
    gathered = gather(data, labels, samples, layout)
    flags += [*_label_flags(gathered.labels, folder), *_flag("samples", samples)]
    return _module_result(model, gathered, timesteps, layout, states, verify, name or type(model).__name__, flags, folder, progress)


EVENT_OPTIONS = ("bins", "bin_time", "bin_by", "bin_values", "polarities", "sensor", "downscale", "crop", "data_dir")


def _names_recordings(data: Any) -> bool:
    """Whether data are "events:…", or a bare word such as "nmnist" that no file is called."""
    return isinstance(data, str) and (data.startswith("events:") or (data != "random" and re.fullmatch(r"[\w-]+", data) is not None and not os.path.exists(data)))


def _frames(data: str, samples: int | None, options: Mapping[str, Any], folder: Path) -> Samples:
    """Recordings as the frames that the command line makes of them, [samples, timesteps, …]; they stay in their file."""
    frames, classes = folder / "frames.npy", folder / "frames-labels.npy"
    given = option_arguments({name: value for name, value in options.items() if name in EVENT_OPTIONS})
    _node.run(["data", "frames", located(data), *given, *_flag("samples", samples), "--out", str(frames), "--labels-out", str(classes)])
    return Samples(np.load(frames, mmap_mode="r"), np.load(classes) if classes.exists() else None, 0)


def _module_result(
    model: torch.nn.Module, samples: Samples, timesteps: int | None, layout: str | None, states: Any,
    verify: bool, name: str, flags: list[str], folder: Path, progress: Bar, recordings: bool = False,
) -> Analysis:  # fmt: skip
    """The result of the first file whose counts are the module's own; with a warning, that of the first that could be run."""
    best: Analysis | None = None
    failure: SnnEnergyError | None = None
    for exported, hooked in _candidates(model, samples, timesteps, layout, states, folder, _file_name(name), verify):
        arrays = [] if recordings else ["--data", "x.npy", *_flag("layout", exported.layout)]
        given = [*flags, *arrays, *_flag("timesteps", exported.timesteps or timesteps)]
        try:
            result = _run(os.path.basename(exported.path), str(folder), given, progress)
        except SnnEnergyError as error:
            failure = failure or error
            continue
        if hooked is None or not (hooked.spikes or hooked.inputs):
            return result
        checked = Analysis(result.record, result.text, compare_counts(hooked, result.record))
        assert checked.verification is not None
        if checked.verification.agrees:
            return checked
        if best is not None and best.totals == checked.totals:
            break  # Two exporters say the same: the others would too.
        best = best or checked
    if best is None:
        assert failure is not None
        raise failure
    warnings.warn(str(best.verification), SnnEnergyWarning, stacklevel=4)
    return best


def _candidates(model: torch.nn.Module, samples: Samples, timesteps: int | None, layout: str | None, states: Any, folder: Path, name: str, verify: bool) -> Any:
    """Files of a module, with the counts of its hooks; the data are written beside them."""
    from ._export import exports
    from ._form import choose_form
    from ._hooks import hooked_counts
    from ._modules import borrowed

    with borrowed(model):
        form = choose_form(model, samples, timesteps, layout, states)
        _written(folder / "x.npy", form.values, np.float32)
        hooked = hooked_counts(model, form) if verify else None
        for exported in exports(model, form, str(folder), name):
            yield exported, hooked


def _run(file: str, cwd: str | None, flags: Sequence[str], progress: Bar) -> Analysis:
    text = _node.run(["analyze", file, *flags, "--format", "json"], cwd=cwd, progress=progress)
    return Analysis(json.loads(text), text)


def _is_module(model: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def _file_of(model: Any, folder: Path, name: str | None) -> tuple[str, str | None]:
    """A model's file, and the folder it is named from; a model in memory is written to one."""
    if isinstance(model, (str, os.PathLike)):
        return os.fspath(model), None
    proto = getattr(model, "model_proto", model)
    content = proto if isinstance(proto, (bytes, bytearray)) else proto.SerializeToString() if hasattr(proto, "SerializeToString") else None
    if content is None:
        raise SnnEnergyError(f"a model of type {type(model).__name__} is not understood: give a torch.nn.Module, an ONNX model or a file's name.")
    file = f"{_file_name(name or getattr(getattr(proto, 'graph', None), 'name', '') or 'model')}.onnx"
    (folder / file).write_bytes(content)
    return file, str(folder)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "model"


def _flag(name: str, value: Any) -> list[str]:
    return [] if value is None else [f"--{name}", str(value)]


def _label_flags(labels: Any, folder: Path) -> list[str]:
    if labels is None:
        return []
    if isinstance(labels, (str, os.PathLike)):
        return ["--labels", located(labels)]
    from ._arrays import as_array

    return ["--labels", _written(folder / "y.npy", as_array(labels).reshape(-1).astype(np.int64))]


def _loaded(path: str | os.PathLike[str]) -> np.ndarray:
    if isinstance(path, str) and re.fullmatch(r"random(:\d+)?", path):
        raise SnnEnergyError("the size of a sample of a module is not known: give an array of random numbers, such as torch.rand(16, 1, 28, 28). They make random spikes.")
    try:
        loaded = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as cause:
        raise SnnEnergyError(f"{path}: {cause}; a module takes data from a .npy file, a tensor, an array or a DataLoader.") from cause
    if isinstance(loaded, np.lib.npyio.NpzFile):
        raise SnnEnergyError(f"{path} holds several arrays: give one of them, as numpy.load({str(path)!r})[NAME].")
    return loaded


PIECE = 2**24
"""Elements that are converted at once."""


def _written(path: Path, values: np.ndarray, dtype: Any = None) -> str:
    """Saves an array piece by piece, so that one that lies in a file is never whole in memory."""
    kind = np.dtype(dtype or (np.float32 if values.dtype == np.bool_ else values.dtype))
    out = np.lib.format.open_memmap(path, "w+", kind, values.shape) if values.size > 0 and values.ndim > 0 else None
    if out is None:
        np.save(path, values.astype(kind), allow_pickle=False)
        return str(path)
    step = max(1, PIECE // max(1, values[:1].size))
    for start in range(0, len(values), step):
        out[start : start + step] = values[start : start + step]
    out.flush()
    return str(path)
