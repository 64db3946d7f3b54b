"""Brings a user's own model into a bundle without letting its file run code.

``importer`` (the caller's side) hashes the file, hands a copy to ``worker``, which checks, reads and converts it as
another process behind ``sandbox``, and compares what came back with the original's own answers before it is served.
"""
