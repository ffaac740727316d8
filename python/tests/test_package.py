"""The path without PyTorch: files, arrays and loaders in, results out."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import snn_energy
from snn_energy import _node
from snn_energy._arrays import gather
from snn_energy._progress import Bar

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "models" / "mnist-cnn" / "model.onnx"
SAMPLES = np.load(ROOT / "models" / "mnist-cnn" / "samples.npz")
X = SAMPLES[SAMPLES.files[0]][:6].astype(np.float32)
Y = SAMPLES[SAMPLES.files[1]][:6].reshape(-1)


def command_line(*arguments, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    return subprocess.run([sys.executable, "-m", "snn_energy", *map(str, arguments)], capture_output=True, text=True, env=environment, **options)


@pytest.fixture(scope="module")
def result():
    return snn_energy.analyze(MODEL, X, Y, profile=["45nm", "loihi"])


def test_the_samples_are_pictures_with_labels():
    assert X.shape == (6, 1, 28, 28) and Y.shape == (6,)


def test_a_file_gives_the_record_of_the_command_line(tmp_path):
    kept = tmp_path / "run.json"
    assert command_line("analyze", MODEL, "--samples", 3, "--format", "json", "--out", kept).returncode == 0
    ours = snn_energy.analyze(MODEL, samples=3)
    assert ours.to_json() == kept.read_text()
    assert ours.energy_joules == ours.record["estimates"][0]["energyPerInferenceJoules"]["nominal"] > 0


def test_fields_are_those_of_the_contract(result):
    for name in set(result.record) - {"schema", "checksum", "layers"}:
        assert getattr(result, name) == result.record[name], name
    assert result.run["samples"] == 6
    assert result.accuracy == {"correct": result.accuracy["correct"], "total": 6}
    assert result.estimate("loihi")["profile"] == "loihi"
    with pytest.raises(snn_energy.SnnEnergyError, match="not priced under 'truenorth'; it has: 45nm, loihi"):
        result.estimate("truenorth")


def test_layers_are_rows_that_add_up_to_the_totals(result):
    rows = result.layers if isinstance(result.layers, list) else result.layers.reset_index().to_dict("records")
    assert [row["name"] for row in rows] == [layer["name"] for layer in result.record["layers"]]
    assert sum(row["acs"] for row in rows if row["kind"] == "synaptic") == result.totals["acs"]
    assert sum(row["spikes"] for row in rows if row["kind"] == "neuron") == result.totals["spikes"] > 0
    assert sum(row["energyJoules[45nm]"] for row in rows) == pytest.approx(result.energy_joules, rel=1e-9)


class Loader:
    """Batches of two, as a DataLoader gives them."""

    def __iter__(self):
        for start in range(0, len(X), 2):
            yield X[start : start + 2], Y[start : start + 2]


@pytest.mark.parametrize("data", [X, X.tolist(), Loader(), (X, Y), [(x, y) for x, y in zip(X, Y)].__iter__()], ids=["array", "list", "loader", "pair", "samples"])
def test_data_in_any_form_are_the_same_samples(data, result):
    if not hasattr(data, "shape") and not isinstance(data, (list, tuple, Loader)):
        data = [(x[None], np.array([y])) for x, y in data]
        data = iter(data)
    other = snn_energy.analyze(MODEL, data, None if isinstance(data, (Loader, tuple)) or hasattr(data, "__next__") else Y)
    assert other.totals == result.totals
    assert other.accuracy == result.accuracy


def test_a_loader_is_read_no_further_than_the_samples_asked_for():
    read = []

    def batches():
        for start in range(0, len(X), 2):
            read.append(start)
            yield X[start : start + 2], Y[start : start + 2]

    assert snn_energy.analyze(MODEL, batches(), samples=3).run["samples"] == 3
    assert read == [0, 2]


def test_a_loader_is_kept_in_a_file_and_not_in_memory():
    import tracemalloc

    batch = np.ones((64, 1, 64, 64), np.float32)
    tracemalloc.start()
    gathered = gather((batch * at for at in range(40)), None, None, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert gathered.values.nbytes == 40 * batch.nbytes
    assert peak < 4 * batch.nbytes
    assert [float(gathered.values[64 * at].max()) for at in range(40)] == list(range(40))


def test_recordings_for_a_module_are_the_frames_that_numpy_makes(tmp_path):
    from snn_energy._analyze import _frames, _names_recordings

    random = np.random.default_rng(0)
    expected = np.zeros((2, 3, 2, 34, 34), np.float32)
    for number, name in enumerate(["a", "b"]):
        t, x, y, p = np.sort(random.integers(0, 30_000, 200)), *random.integers(0, 34, (2, 200)), random.integers(0, 2, 200)
        (tmp_path / "set" / name).mkdir(parents=True)
        rows = np.stack([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255], 1)
        (tmp_path / "set" / name / "1.bin").write_bytes(rows.astype(np.uint8).tobytes())
        np.add.at(expected[number], (np.minimum((t - t[0]) // ((t[-1] - t[0]) // 3), 2), p, y, x), 1)
    found = _frames(f"events:{tmp_path / 'set'}", None, {"bins": 3, "sensor": "34x34", "encoder": "every-step"}, tmp_path)
    np.testing.assert_array_equal(found.values, expected)
    assert found.labels.tolist() == [0, 1] and found.sample_axis == 0
    assert _names_recordings("nmnist") and not _names_recordings("x.npy") and not _names_recordings("random")


def test_an_array_in_a_file_is_saved_as_numpy_would(tmp_path):
    from snn_energy._analyze import _written

    for values in (np.arange(24).reshape(2, 3, 4), np.ones((3, 0)), np.array(3.5), np.array([True, False]), np.arange(6).reshape(2, 3).T):
        _written(tmp_path / "x.npy", values, np.float32)
        np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), values.astype(np.float32))


def test_a_loader_whose_labels_lie_on_the_second_axis_has_timesteps_first():
    batches = [(np.zeros((5, 2, 3)), np.array([0, 1])), (np.zeros((5, 1, 3)), np.array([1]))]
    gathered = gather(batches.__iter__(), None, None, None)
    assert gathered.values.shape == (5, 3, 3)
    assert gathered.sample_axis == 1
    assert gathered.labels.tolist() == [0, 1, 1]


def test_a_model_in_memory_is_the_model_of_the_file(result):
    class Proto:
        def SerializeToString(self):
            return MODEL.read_bytes()

    for model in (MODEL.read_bytes(), Proto()):
        other = snn_energy.analyze(model, X, Y, name="my net")
        assert other.model["file"] == "my-net.onnx"
        assert other.totals == result.totals


def test_options_are_flags_of_the_command_line(tmp_path):
    changed = snn_energy.analyze(MODEL, X, set=["E_ac=0.4pJ"], spike_test="layer", batch=2)
    assert changed.run["spikeTest"] == "layer"
    assert changed.energy_joules < snn_energy.analyze(MODEL, X, spike_test="layer").energy_joules


def test_mistakes_are_one_sentence_of_one_class():
    with pytest.raises(snn_energy.SnnEnergyError, match=r"^missing\.onnx: there is no such file"):
        snn_energy.analyze("missing.onnx")
    with pytest.raises(snn_energy.SnnEnergyError, match="There is no option --bogus here") as caught:
        snn_energy.analyze(MODEL, bogus=1)
    assert caught.value.exit_code == 2
    with pytest.raises(snn_energy.SnnEnergyError, match="x.npy holds"):
        snn_energy.analyze(MODEL, np.zeros((3, 5), np.float32))
    with pytest.raises(snn_energy.SnnEnergyError, match="data of type object are not understood"):
        snn_energy.analyze(MODEL, object())
    with pytest.raises(snn_energy.SnnEnergyError, match="data hold no samples"):
        snn_energy.analyze(MODEL, iter([]))
    with pytest.raises(snn_energy.SnnEnergyError, match="batches of several sizes"):
        snn_energy.analyze(MODEL, iter([X, X[:, :, :5]]))
    with pytest.raises(snn_energy.SnnEnergyError, match="batches of several types"):
        snn_energy.analyze(MODEL, iter([X.astype(np.uint8), X]))
    with pytest.raises(snn_energy.SnnEnergyError, match="a model of type int is not understood"):
        snn_energy.analyze(3)
    with pytest.raises(snn_energy.SnnEnergyError, match="export takes a torch.nn.Module, not str"):
        snn_energy.export("model.onnx", X, "out.onnx")


def test_results_are_saved_loaded_and_refused_when_changed(result, tmp_path):
    path = tmp_path / "run.json"
    result.save(path)
    assert snn_energy.load(path) == result
    record = json.loads(path.read_text())
    record["totals"]["spikes"] += 1
    path.write_text(json.dumps(record))
    with pytest.raises(snn_energy.SnnEnergyError, match="run.json"):
        snn_energy.load(path)
    with pytest.raises(snn_energy.SnnEnergyError, match="missing.json"):
        snn_energy.load(tmp_path / "missing.json")


def test_results_are_priced_again_and_compared(result):
    again = result.price("spinnaker2")
    assert again.totals == result.totals
    assert [one["profile"] for one in again.estimates] == ["spinnaker2"]
    comparison = result.compare(result.price(["45nm", "loihi"]), baseline=1)
    rows = comparison.rows if isinstance(comparison.rows, list) else comparison.rows.to_dict("records")
    assert len(rows) == 4
    assert rows[0]["energyPerInferenceJoules"] == result.energy_joules
    assert "\\begin{table}" in comparison.to_latex()
    with pytest.raises(snn_energy.SnnEnergyError, match="two results or more"):
        result.compare()


def test_results_are_shown_in_every_form(result):
    assert "Energy by term" in result.to_table()
    assert "\\begin{table}" in result.to_latex()
    assert result.to_markdown().startswith("#")
    assert result.to_html().startswith("<!doctype html>")
    assert "on 45nm" in repr(result) and "on loihi" in repr(result)
    cell = result._repr_html_()
    assert "<svg" in cell and "<table" in cell and 'class="cards"' in cell and "<script" not in cell
    assert "<table" in result.compare(result)._repr_html_()


def test_progress_is_told_up_to_the_last_sample(capsys):
    seen = []
    _node.run(["analyze", str(MODEL), "--format", "json"], progress=lambda *update: seen.append(update))
    assert seen[-1][1] == seen[-1][2] > 0
    bar = Bar(True)
    bar("counting", 3, 7)
    bar.close()
    assert "counting: 3 of 7 samples" in capsys.readouterr().err
    quiet = Bar(False)
    quiet("counting", 3, 7)
    quiet.close()
    assert capsys.readouterr().err == ""


def test_python_m_is_the_command_line(tmp_path):
    shown = command_line("--version")
    assert shown.returncode == 0 and shown.stdout.strip()
    wrong = command_line("analyze", "missing.onnx", cwd=tmp_path)
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("snn-energy: missing.onnx: there is no such file")
    gate = command_line("analyze", MODEL, "--samples", 2, "--max-energy", "1fJ", "--quiet")
    assert gate.returncode == 3


def test_a_node_that_is_missing_or_old_is_named_with_the_remedy(tmp_path, monkeypatch):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v16.20.0\n")
    old.chmod(0o755)
    monkeypatch.delenv("SNN_ENERGY_NODE", raising=False)
    monkeypatch.setattr(_node, "_from_wheel", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(snn_energy.SnnEnergyError, match=r"Node 20\.19 or newer is needed and was not found: `pip install"):
        _node.node()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    with pytest.raises(snn_energy.SnnEnergyError, match=r"node is version 16\.20\.0"):
        _node.node()
    monkeypatch.setenv("SNN_ENERGY_NODE", str(tmp_path / "nothing"))
    with pytest.raises(snn_energy.SnnEnergyError, match="is no Node"):
        _node.node()


def test_what_the_command_line_says_beside_a_result_is_a_warning(tmp_path):
    script = tmp_path / "says.mjs"
    script.write_text("process.stderr.write('snn-energy: look at this\\n'); process.stdout.write('{}');")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert _node.run_script(script, []) == "{}"
    assert [(str(one.message), one.category) for one in caught] == [("look at this", snn_energy.SnnEnergyWarning)]


def test_types_hold_every_field_of_the_schema():
    from snn_energy import _contract

    schema = json.loads((ROOT / "src" / "reporting" / "schemas" / "analysis.schema.json").read_text())
    assert list(_contract.Record.__annotations__) == list(schema["properties"])
    assert list(_contract.SynapticLayer.__annotations__) == list(schema["$defs"]["synapticLayer"]["properties"])
    assert (Path(snn_energy.__file__).parent / "py.typed").is_file()
