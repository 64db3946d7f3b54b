"""One archive that installs the system where there is no network: ``bundle`` writes it, ``load`` installs it.

Standard library only. ``load`` and what it imports travel in the archive as ``load.pyz``.
"""
