"""Tests of the package as it lies in the checkout, on its built JavaScript (`npm run build`)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
