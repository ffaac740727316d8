"""``python -m snn_energy …`` is the command line."""

from __future__ import annotations

import sys

from ._node import hand_over


def main() -> int:
    return hand_over(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
