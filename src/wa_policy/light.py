"""Packages of which a few modules are wanted, and not all that their ``__init__`` imports.

PyYAML's imports its loaders and dumpers in Python, phonenumbers' what completes a number as it is typed and what finds numbers
in a text: a fifteenth of a run on one manifest, most of it for patterns that nobody matches.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType


class _Waiting(ModuleType):
    """A package whose ``__init__`` has not been run, since only modules of it were imported so far."""

    def __getattr__(self, name: str) -> object:
        """One more module of it, or what the package itself holds: from then on it is like any other."""
        try:
            return import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError:
            pass
        self.__class__ = ModuleType  # type: ignore[assignment]  # what a class inherits from may take its place
        if self.__spec__ is not None and self.__spec__.loader is not None:
            self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def without_init(name: str) -> None:
    """Let modules of a package be imported without its ``__init__``, which is run when a name of the package is asked for.

    A package that is imported already stays as it is. One that cannot be found is left to whoever imports it, to complain of.
    """
    if name in sys.modules or (spec := find_spec(name)) is None:
        return
    package = module_from_spec(spec)
    package.__class__ = _Waiting
    sys.modules[name] = package
