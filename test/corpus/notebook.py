"""Executes examples/from-pytorch.ipynb with this checkout's package and writes the page it becomes.

    python test/corpus/notebook.py OUT.html       needs nbclient, nbconvert, ipykernel, pandas, snntorch; `npm run build` first
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main(out: str) -> int:
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    os.environ["PYTHONPATH"] = str(ROOT / "python")
    notebook = nbformat.read(ROOT / "examples" / "from-pytorch.ipynb", as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(ROOT / "examples")}}).execute()
    Path(out).write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = "".join(output.get("text", "") for output in shown)
    cells = ["".join(output.get("data", {}).get("text/html", "")) for output in shown]
    for what, holds in {
        "no output is an error or a warning": all(output.output_type != "error" and output.get("name") != "stderr" for output in shown),
        "a result is shown with its picture and its table": any("snn-energy" in cell and "<svg" in cell and "<table" in cell for cell in cells),
        "the layers are a DataFrame": any("dataframe" in cell for cell in cells),
        "the counts equal forward hooks": "Counts equal forward hooks" in said,
        "the comparison is written as LaTeX": "\\usepackage" in said,
    }.items():
        print(f"{'holds' if holds else 'FAILED'}: {what}")
        if not holds:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
