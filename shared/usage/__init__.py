"""What a process takes of its container and machine, for Prometheus: memory, CPU, disks, GPUs; and its build."""

from shared.usage.collector import usage_collector

__all__ = ["usage_collector"]
