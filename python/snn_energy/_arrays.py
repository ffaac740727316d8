"""Tensors, arrays and loaders of batches as arrays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import SnnEnergyError


@dataclass(frozen=True)
class Samples:
    """What a model runs on.

    ``sample_axis`` is the axis that counts samples, None where nothing tells.
    """

    values: np.ndarray
    labels: np.ndarray | None
    sample_axis: int | None


def as_array(value: Any) -> np.ndarray:
    """A tensor on any device, an array, or nested lists."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        return np.asarray(value.to_dense() if getattr(value, "is_sparse", False) else value)
    try:
        array = np.asarray(value)
    except ValueError as cause:
        raise SnnEnergyError(f"data hold samples of several sizes ({cause}): give one array.") from cause
    if array.dtype == object:
        raise SnnEnergyError(f"data of type {type(value).__name__} are not numbers: give a tensor, an array, a DataLoader or a file's name.")
    return array


def gather(data: Any, labels: Any, samples: int | None, layout: str | None) -> Samples:
    """All samples as one array.

    A loader is read up to ``samples``, into a file (see `_read`); its batches are (input, label) or inputs alone. Labels are class numbers, one a sample.
    """
    if labels is None and isinstance(data, tuple) and len(data) == 2 and all(hasattr(part, "shape") for part in data):
        data, labels = data
    axis = {"ntc": 0, "tnc": 1}.get(layout or "")
    known = None if labels is None else as_array(labels).reshape(-1).astype(np.int64)
    if hasattr(data, "shape") or isinstance(data, (list, tuple)):
        values = as_array(data)
        if axis is None and known is not None:
            fits = [a for a in (0, 1) if a < values.ndim and values.shape[a] == len(known)]
            axis = fits[0] if len(fits) == 1 else None
        return _cut(values, known, axis, samples)
    return _read(_batches(data), known, axis, samples)


def _batches(data: Any) -> Iterable[tuple[np.ndarray, np.ndarray | None]]:
    """Batches of a loader; a data set is read one sample at a time."""
    single = hasattr(data, "__getitem__") and hasattr(data, "__len__")
    if not single and not hasattr(data, "__iter__"):
        raise SnnEnergyError(f"data of type {type(data).__name__} are not understood: give a tensor, an array, a DataLoader or a file's name.")
    for item in (data[i] for i in range(len(data))) if single else data:
        parts = list(item) if isinstance(item, (list, tuple)) else [item]
        x = as_array(parts[0])
        y = None if len(parts) < 2 else as_array(parts[1])
        yield (x[None], None if y is None else y.reshape(-1)) if single else (x, y)


def _read(batches: Iterable[tuple[np.ndarray, np.ndarray | None]], known: np.ndarray | None, axis: int | None, samples: int | None) -> Samples:
    """Batches go to a file as they come, so that memory is that of one; the array is mapped from it."""
    first: np.ndarray | None = None
    labels: list[np.ndarray] | None = []
    read = 0
    with tempfile.TemporaryFile(prefix="snn-energy-") as file:
        for x, y in batches:
            if axis is None:
                # A loader of [timesteps, samples, …] is told by its labels; one whose sizes are equal gives samples first, as loaders do.
                axis = 1 if y is not None and y.ndim == 1 and x.ndim > 1 and len(y) != x.shape[0] and len(y) == x.shape[1] else 0
            if x.ndim <= axis:
                raise SnnEnergyError(f"data hold a batch of shape {list(x.shape)}, which has no axis of samples.")
            # On disk samples come first.
            rows = np.moveaxis(x, axis, 0)
            if first is None:
                first = np.empty((0, *rows.shape[1:]), rows.dtype)
            elif rows.shape[1:] != first.shape[1:]:
                shapes = " and ".join(str([*shape[:axis], "n", *shape[axis:]]) for shape in (first.shape[1:], rows.shape[1:]))
                raise SnnEnergyError(f"data hold batches of several sizes ({shapes}): pad them to one, or give one array.")
            elif not np.can_cast(rows.dtype, first.dtype, "same_kind"):
                raise SnnEnergyError(f"data hold batches of several types ({first.dtype} and {rows.dtype}): convert them to one.")
            try:
                file.write(np.ascontiguousarray(rows, first.dtype).data)
            except OSError as cause:
                raise SnnEnergyError(f"the samples of a loader could not be kept in {tempfile.gettempdir()} ({cause}): set TMPDIR to a folder with room, or pass samples=…") from cause
            read += len(rows)
            whole = y is not None and y.ndim == 1 and np.issubdtype(y.dtype, np.integer)
            labels = [*labels, y] if labels is not None and whole else None
            if samples is not None and read >= samples:
                break
        if first is None or read == 0:
            raise SnnEnergyError("data hold no samples: the loader gave no batch.")
        file.flush()
        shape = (read, *first.shape[1:])
        kept = np.memmap(file, first.dtype, "r", shape=shape) if np.prod(shape) > 0 else np.empty(shape, first.dtype)
    found = np.concatenate(labels) if labels else None
    return _cut(np.moveaxis(kept, 0, axis or 0), found if known is None else known, axis, samples)


def _cut(values: np.ndarray, labels: np.ndarray | None, axis: int | None, samples: int | None) -> Samples:
    if samples is not None and axis is not None:
        values = values[:samples] if axis == 0 else values[:, :samples]
        labels = None if labels is None else labels[:samples]
    return Samples(values, None if labels is None else labels.astype(np.int64), axis)
