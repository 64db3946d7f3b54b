"""The `doctorai` command."""
