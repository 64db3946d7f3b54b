"""``doctorai backup`` and ``restore``. The format and how it is used are in ``docs/backup.md``.

``create`` writes an archive from what ``sources`` and ``snapshot`` find; ``check`` reads a chain of archives and trusts
nothing in it; ``recover`` puts it in place by ``exchange``. ``layout`` says where things lie, ``naming`` and ``folder``
what archives there are. Everything that goes wrong is a ``Failure``.
"""
