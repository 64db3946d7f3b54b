"""One folder a model: what is special about it, and nothing else."""

from shared.cgroup import limit_native_threads

# Before any service imports numpy: OpenMP and OpenBLAS size their pools by the host's cores when they are loaded.
# A service runs one single-threaded worker per CPU of its quota instead.
limit_native_threads(1)
