"""How far a run is: a bar in a notebook, a line in a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from typing import Any


class Bar:
    """Call it with what is done, how many samples are done, and how many there are."""

    def __init__(self, shown: bool | None = None) -> None:
        self._display: Any = None
        self._handle: Any = None
        self._line = False
        if shown is False:
            return
        self._display = _notebook_display()
        if self._display is None:
            self._line = shown is True or sys.stderr.isatty()

    def __call__(self, what: str, done: int, total: int) -> None:
        words = f"{what}: {done} of {total} samples"
        if self._display is not None:
            from IPython.display import HTML

            bar = HTML(f'<progress max="{total}" value="{done}" style="width: 20em"></progress> {words}')
            if self._handle is None:
                self._handle = self._display(bar, display_id=True)
            else:
                self._handle.update(bar)
        elif self._line:
            print(f"\r{words}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Takes the bar away."""
        if self._handle is not None:
            from IPython.display import HTML

            self._handle.update(HTML(""))
        elif self._line:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _notebook_display() -> Any:
    """IPython's display where there is a notebook to draw in."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    return display if shell is not None and getattr(shell, "kernel", None) is not None else None
