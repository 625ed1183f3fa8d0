"""Syntax trees of a folder to one framework: names to the things they name.

Everything that can be said about names is said here; the laws of the field are in `checks`.
"""

from bareme.resolve.resolve import resolve

__all__ = ["resolve"]
