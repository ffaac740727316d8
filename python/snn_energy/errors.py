"""The one exception and the one warning of this package."""

from __future__ import annotations


class SnnEnergyError(Exception):
    """What went wrong, in one sentence that names the place and what to do: the command line's own, or one of this package.

    ``exit_code`` is that of the command line; 1 where it was not run.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class SnnEnergyWarning(UserWarning):
    """A result that has to be looked at before it is believed."""
