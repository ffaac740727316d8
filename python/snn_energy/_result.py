"""What a run gives: the record of the command line, field by field, and how it is shown."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _node
from ._contract import Accuracy, Balance, Comparison as DenseComparisons, Data, DataflowStudy, Decisions, Estimate, Interval, Model, NeuronLayer, Record, RecordSpread, Run, SynapticLayer, Tool, Totals
from ._verify import Verification
from .errors import SnnEnergyError

if TYPE_CHECKING:
    import pandas


def profile_arguments(profile: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[str]:
    """--profile once for each name; a file is found from anywhere."""
    names = [profile] if isinstance(profile, (str, os.PathLike)) else list(profile)
    return [word for name in names for word in ("--profile", located(name))]


def located(name: str | os.PathLike[str]) -> str:
    """A file's full path, behind "events:" too; any other name as it is."""
    if isinstance(name, str) and name.startswith("events:"):
        return f"events:{os.path.abspath(name.removeprefix('events:'))}"
    return os.path.abspath(name) if os.path.exists(name) else os.fspath(name)


@dataclass(frozen=True)
class Analysis:
    """One run of one network, priced. Its fields are those of the JSON contract (`snn-energy analyze --format json`).

    Counts in ``totals`` and ``layers`` are integers summed over all samples and timesteps; energies and latencies in ``estimates``
    are means per inference. Money is joules, time is seconds.
    """

    record: Record = field(repr=False)
    """The whole record, as the command line writes it."""
    text: str = field(repr=False, compare=False)
    """The same as the text that was written, whose checksum it holds."""
    verification: Verification | None = field(default=None, repr=False, compare=False)
    """How the counts compare with hooks in the PyTorch module; None where no module was given."""

    @property
    def tool(self) -> Tool:
        return self.record["tool"]

    @property
    def model(self) -> Model:
        return self.record["model"]

    @property
    def data(self) -> Data:
        return self.record["data"]

    @property
    def run(self) -> Run:
        return self.record["run"]

    @property
    def accuracy(self) -> Accuracy | None:
        return self.record["accuracy"]

    @property
    def totals(self) -> Totals:
        return self.record["totals"]

    @property
    def spread(self) -> RecordSpread:
        return self.record["spread"]

    @property
    def estimates(self) -> list[Estimate]:
        return self.record["estimates"]

    @property
    def comparison(self) -> DenseComparisons | None:
        return self.record["comparison"]

    @property
    def decisions(self) -> Decisions | None:
        """Decisions of neurons in the first samples, and how many lie within rounding of their threshold; None where nothing was looked at."""
        return self.record.get("decisions")

    @property
    def balance(self) -> Balance | None:
        return self.record.get("balance")

    @property
    def dataflows(self) -> list[DataflowStudy]:
        return self.record.get("dataflows", [])

    @property
    def warnings(self) -> list[str]:
        return self.record["warnings"]

    @property
    def layers(self) -> pandas.DataFrame | list[dict[str, Any]]:
        """A row a layer in the order of the data flow: name, kind, its counts (over all samples), its joules per inference by profile.

        A DataFrame where pandas is installed, else the same rows as dictionaries. ``record["layers"]`` has timesteps and geometry too.
        """
        rows = [self._row(index, layer) for index, layer in enumerate(self.record["layers"])]
        try:
            import pandas
        except ImportError:
            return rows
        # Counts that a kind of layer does not have are missing, not zero; Int64 keeps the others whole.
        frame = pandas.DataFrame(rows).convert_dtypes().set_index("name")
        # Whole numbers stay whole beside gaps. In its own kind of float pandas shows nanojoules as 0.0, in numpy's it does not.
        return frame.astype({column: "float64" for column, kind in frame.dtypes.items() if kind == "Float64"})

    def _row(self, index: int, layer: SynapticLayer | NeuronLayer) -> dict[str, Any]:
        row: dict[str, Any] = {"name": layer["name"], "kind": layer["kind"], "op": layer["op"]}
        row.update({key: layer[key] for key in ("inputKind", "spiking") if key in layer})  # type: ignore[literal-required]
        row.update(layer["totals"])
        for estimate in self.estimates:
            row[f"energyJoules[{_name_of(estimate)}]"] = estimate["layers"][index]["energyJoules"]["nominal"]
        return row

    def estimate(self, profile: str | None = None) -> Estimate:
        """The estimate under a profile by name; the first one without."""
        for one in self.estimates:
            if profile is None or profile in (one["profile"], _name_of(one)):
                return one
        known = ", ".join(_name_of(one) for one in self.estimates) or "none"
        raise SnnEnergyError(f"the result is not priced under {profile!r}; it has: {known}. price({profile!r}) prices it.")

    @property
    def energy_joules(self) -> float:
        """Nominal energy of one inference under the first profile, in joules."""
        return self.energy_interval_joules["nominal"]

    @property
    def energy_interval_joules(self) -> Interval:
        """The same with its bounds; they are the nominal value where no interval of the constants is known."""
        return self.estimate()["energyPerInferenceJoules"]

    @property
    def latency_seconds(self) -> float | None:
        """Nominal latency of one inference under the first profile, in seconds; None where the profile has no timing."""
        latency = self.estimate()["latencyPerInferenceSeconds"]
        return None if latency is None else latency["nominal"]

    def price(self, profile: str | Sequence[str], **options: Any) -> Analysis:
        """The same counts under other profiles, without running the network again. Options are those of `snn-energy analyze`."""
        with _saved([self]) as (file,):
            text = _node.run(["analyze", file, *profile_arguments(profile), *option_arguments(options), "--format", "json"])
        return Analysis(json.loads(text), text, self.verification)

    def compare(self, *others: Analysis, **options: Any) -> Comparison:
        """This result beside others, a row each; options are those of `snn-energy compare`."""
        return compare(self, *others, **options)

    def to_table(self) -> str:
        """What the command line prints."""
        return _rendered([self], "table")

    def to_latex(self) -> str:
        """Tables for a paper; the comment on top names the packages they need."""
        return _rendered([self], "latex")

    def to_markdown(self) -> str:
        return _rendered([self], "markdown")

    def to_html(self) -> str:
        """A whole page with all charts, method and sources; it needs nothing from outside."""
        return _rendered([self], "html")

    def to_json(self) -> str:
        """The record as the command line writes it; `load` and every command read it."""
        return self.text

    def save(self, path: str | os.PathLike[str]) -> None:
        Path(path).write_text(self.text, encoding="utf-8")

    def _repr_html_(self) -> str:
        note = "" if self.verification is None else f'<p style="color: #525c66; margin: .25rem 1rem">{self.verification}</p>'
        return _fragment([self]) + note

    def __repr__(self) -> str:
        run, totals = self.run, self.totals
        priced = ", ".join(f"{one['energyPerInferenceJoules']['nominal']:.4g} J on {_name_of(one)}" for one in self.estimates)
        counts = f"{totals['spikes']} spikes, {totals['acs']} ACs, {totals['macs']} MACs"
        return f"<Analysis of {self.model['file']}: {priced or 'not priced'} per inference; {counts} over {run['samples']} samples, {run['timesteps']} timesteps>"


@dataclass(frozen=True)
class Comparison:
    """Several results side by side. ``record`` is what `snn-energy compare --format json` writes."""

    analyses: tuple[Analysis, ...] = field(repr=False)
    options: dict[str, Any] = field(repr=False)
    record: dict[str, Any] = field(repr=False)

    @property
    def rows(self) -> pandas.DataFrame | list[dict[str, Any]]:
        """A row a result and profile, as a DataFrame where pandas is installed; intervals by their nominal value."""
        flat = [{key: value["nominal"] if isinstance(value, dict) and "nominal" in value else value for key, value in row.items()} for row in self.record["rows"]]
        try:
            import pandas
        except ImportError:
            return flat
        return pandas.DataFrame(flat)

    def to_table(self) -> str:
        return _rendered(self.analyses, "table", self.options)

    def to_latex(self) -> str:
        return _rendered(self.analyses, "latex", self.options)

    def to_markdown(self) -> str:
        return _rendered(self.analyses, "markdown", self.options)

    def to_html(self) -> str:
        return _rendered(self.analyses, "html", self.options)

    def _repr_html_(self) -> str:
        return _fragment(self.analyses)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(analysis.model['file'] for analysis in self.analyses)}>"


def compare(*analyses: Analysis, **options: Any) -> Comparison:
    """Results side by side: accuracy, spikes, operations, energy and latency, a row each, with ratios to the first DNN, else the first."""
    if len(analyses) < 2:
        raise SnnEnergyError("compare needs two results or more.")
    return Comparison(analyses, options, json.loads(_rendered(analyses, "json", options)))


def load(path: str | os.PathLike[str]) -> Analysis:
    """A result that was saved, by `save` or by `snn-energy analyze --format json --out`; it is checked as the command line checks it."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise SnnEnergyError(f"{path}: {cause}.") from cause
    _node.run(["compare", os.path.abspath(path), "--format", "json"])
    record = json.loads(text)
    if record.get("schema") != "snn-energy/analysis@1":
        raise SnnEnergyError(f"{path} holds {record.get('schema')!r}; load reads \"snn-energy/analysis@1\", which analyze writes.")
    return Analysis(record, text)


def option_arguments(options: dict[str, Any]) -> list[str]:
    """Keywords as flags of the command line: spike_test="layer" is --spike-test layer, a list repeats the flag, a file is found from anywhere."""
    words: list[str] = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is None or one is False:
                continue
            words += [flag] if one is True else [f"{flag}={one if isinstance(one, str) and '=' in one else located(one) if isinstance(one, (str, os.PathLike)) else one}"]
    return words


def _name_of(estimate: Estimate) -> str:
    accounting = estimate["accounting"]
    return estimate["profile"] if accounting == "exact" else f"{estimate['profile']}, {accounting}"


@contextmanager
def _saved(analyses: Sequence[Analysis]) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory(prefix="snn-energy-") as folder:
        files = [os.path.join(folder, f"{index}.json") for index in range(len(analyses))]
        for file, analysis in zip(files, analyses):
            Path(file).write_text(analysis.text, encoding="utf-8")
        yield files


def _rendered(analyses: Sequence[Analysis], form: str, options: dict[str, Any] | None = None) -> str:
    with _saved(analyses) as files:
        return _node.run(["compare", *files, *option_arguments(options or {}), "--format", form])


def _fragment(analyses: Sequence[Analysis]) -> str:
    with _saved(analyses) as files:
        return _node.run_script(_node.PACKAGE / "fragment.mjs", [str(_node.main_script().parent.parent / "index.js"), *files])
