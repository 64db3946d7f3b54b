"""The audit log: who asked what of which model, in lines that cannot be changed without it being found.

Format, operation and limits are in ``docs/audit.md``.
"""
