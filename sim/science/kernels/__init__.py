"""Compiled loops over customers that call the rules: inputs first, ``out_*`` last, no science.

Every kernel takes arrays of the rows of one block and holds no lock, so that threads may take blocks side by side.
"""

from sim.science.rules import compiled


def kernel(function):
    """Compile a loop over customers, cached on disk, releasing the interpreter lock."""
    return compiled(function, nogil=True)
