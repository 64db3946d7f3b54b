"""Capacity: what each process uses of what it may, and how far the queues, disks, Redis and the GPUs are filled."""

from __future__ import annotations

from deploy.grafana.source.frame import Panel, runbook
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import dial, lines, number
from deploy.grafana.source.promql import or_zero
from deploy.grafana.source.scales import ANY, GREEN, MEMORY_PERCENT, RED, USE, YELLOW

NAMED = "{{job}} {{service}} {{instance}}"
BY = "by (job, service, instance)"
OURS = '{job=~"gateway|service"}'
CPU = f"sum {BY} (rate(process_cpu_seconds_total{OURS}[$__rate_interval])) / sum {BY} (cpu_limit_cores)"
BUSY = "sum by (service) (inference_workers_busy) / (sum by (service) (inference_workers) > 0)"
DISK = f"1 - min {BY[:-1]}, volume) (disk_free_bytes / (disk_size_bytes > 0))"
REDIS = "redis_memory_used_bytes / (redis_memory_max_bytes > 0)"
GPU = "{{service}} {{instance}} GPU {{gpu}}"
"""Each container numbers its own from 0; one that two share is shown by both."""
NO_GPU = "unless a process sees a GPU"
NO_EXPORTER = "unless Redis is read by its exporter"
NO_LIMIT = "unless Redis is read by its exporter and has a memory limit"


def page() -> Page:
    return Page(
        "capacity",
        "Capacity",
        "What each process uses of what it may, and how far the queues, disks, Redis and the GPUs are filled.",
        [
            ("The fullest of each", _now()),
            ("Processes", _processes()),
            ("Queues and workers", _queues()),
            ("Disks", _disks()),
            ("Redis", _redis()),
            ("GPUs", _gpus()),
            ("Prometheus", _prometheus()),
        ],
        time="now-6h",
    )


def _now() -> list[Panel]:
    return [
        dial("CPU", "Of its limit, the busiest process.", f"max({CPU})", unit="percentunit", limits=USE),
        dial(
            "Memory",
            "Of its limit, the fullest process.",
            "max(memory_usage_percent)",
            unit="percent",
            top=100,
            limits=MEMORY_PERCENT,
            links=[runbook("HighMemoryUsage")],
        ),
        dial(
            "Workers",
            "Busy ones, of the busiest service.",
            f"max({BUSY})",
            unit="percentunit",
            limits=USE,
            links=[runbook("QueueSaturated")],
        ),
        dial(
            "Disk",
            "The fullest volume.",
            f"max({DISK})",
            unit="percentunit",
            limits=USE,
            links=[runbook("DiskAlmostFull")],
        ),
        dial(
            "Redis memory",
            "Of its limit.",
            f"max({REDIS})",
            unit="percentunit",
            limits=USE,
            links=[runbook("RedisMemoryHigh")],
            empty=NO_LIMIT,
        ),
        number(
            "Waiting",
            "Requests that wait for a worker or a place, everywhere.",
            "sum(inference_queue_length) + sum(model_requests_waiting)",
            limits=((1.0, YELLOW), (50.0, RED)),
        ),
    ]


def _processes() -> list[Panel]:
    return [
        lines(
            "CPU of the limit",
            "CPU time that each process uses, of what its container may.",
            (CPU, NAMED),
            unit="percentunit",
            limits=USE,
            size=(12, 9),
        ),
        lines(
            "Memory of the limit",
            "Memory that each process uses, of what its container may.",
            (f"max {BY} (memory_usage_percent)", NAMED),
            unit="percent",
            limits=MEMORY_PERCENT,
            links=[runbook("HighMemoryUsage")],
            size=(12, 9),
        ),
        lines(
            "Memory in use",
            "Memory that each process uses.",
            (f"max {BY} (memory_usage_bytes)", NAMED),
            unit="bytes",
            size=(12, 9),
        ),
        lines(
            "Open files",
            "File descriptors that each process has open, of those that it may have.",
            (f"max {BY} (process_open_fds{OURS} / process_max_fds{OURS})", NAMED),
            unit="percentunit",
            limits=USE,
            size=(12, 9),
        ),
    ]


def _queues() -> list[Panel]:
    return [
        lines(
            "Workers busy",
            "Of each service's workers, over its instances.",
            (BUSY, "{{service}}"),
            unit="percentunit",
            limits=USE,
        ),
        lines(
            "Waiting for a worker",
            "Requests at the instances that no worker has taken yet.",
            ("sum by (service) (inference_queue_length)", "{{service}}"),
        ),
        lines(
            "Waiting for a place",
            "Requests at the gateways, because as many as may are at the model.",
            ("sum by (model) (model_requests_waiting)", "{{model}}"),
        ),
        lines(
            "Instances",
            "Instances of each service that Prometheus can read.",
            ('sum by (service) (up{job="service"})', "{{service}}"),
            decimals=0,
            size=(12, 7),
        ),
        lines(
            "Gateway places",
            "Requests in hand at each gateway, of those that it takes.",
            ("http_requests_in_flight / on (job, instance) http_requests_limit", "{{instance}}"),
            unit="percentunit",
            limits=USE,
            size=(12, 7),
        ),
    ]


def _disks() -> list[Panel]:
    free = "min by (job, service, instance, volume) (disk_free_bytes)"
    return [
        lines(
            "Disk used",
            "Of each volume, as each process sees it.",
            (DISK, "{{volume}} {{service}} {{instance}}"),
            unit="percentunit",
            limits=USE,
            links=[runbook("DiskFilling")],
            size=(12, 8),
        ),
        lines(
            "Disk free",
            "Of each volume, as each process sees it.",
            (free, "{{volume}} {{service}} {{instance}}"),
            unit="bytes",
            size=(12, 8),
        ),
    ]


def _redis() -> list[Panel]:
    return [
        lines(
            "Redis memory over time",
            "Used, and what it may use.",
            ("sum by (instance) (redis_memory_used_bytes)", "used {{instance}}"),
            ("sum by (instance) (redis_memory_max_bytes > 0)", "limit {{instance}}"),
            unit="bytes",
            size=(6, 7),
            empty=NO_EXPORTER,
        ),
        lines(
            "Redis clients",
            "Connections to Redis.",
            ("sum by (instance) (redis_connected_clients)", "{{instance}}"),
            size=(6, 7),
            empty=NO_EXPORTER,
        ),
        lines(
            "Redis commands",
            "Commands each second.",
            ("sum by (instance) (rate(redis_commands_processed_total[$__rate_interval]))", "{{instance}}"),
            unit="ops",
            size=(6, 7),
            empty=NO_EXPORTER,
        ),
        lines(
            "Redis evictions",
            "Keys each second that Redis gave up for want of memory.",
            ("sum by (instance) (rate(redis_evicted_keys_total[$__rate_interval]))", "{{instance}}"),
            unit="ops",
            limits=((0.001, RED),),
            size=(6, 7),
            empty=NO_EXPORTER,
        ),
    ]


def _gpus() -> list[Panel]:
    return [
        lines(
            "GPU use",
            "Share of the time that each GPU computes, as each process sees it.",
            ("max by (service, instance, gpu) (gpu_utilization_ratio)", GPU),
            unit="percentunit",
            top=1,
            size=(12, 7),
            empty=NO_GPU,
        ),
        lines(
            "GPU memory",
            "Of each GPU's memory, as each process sees it.",
            ("max by (service, instance, gpu) (gpu_memory_used_bytes / (gpu_memory_total_bytes > 0))", GPU),
            unit="percentunit",
            limits=USE,
            size=(12, 7),
            empty=NO_GPU,
        ),
    ]


def _prometheus() -> list[Panel]:
    own = '{job="prometheus"}'
    samples = f"sum(rate(prometheus_tsdb_head_samples_appended_total{own}[$__rate_interval]))"
    failures = f"sum(increase(prometheus_rule_evaluation_failures_total{own}[$__range]))"
    return [
        lines(
            "Series",
            "Time series that Prometheus holds in memory.",
            (f"sum(prometheus_tsdb_head_series{own})", "series"),
        ),
        lines("Samples", "Samples that Prometheus takes in each second.", (samples, "samples"), unit="cps"),
        number(
            "Failed rules",
            "Evaluations of rules that failed in the chosen time; an alert does not fire while its rule fails.",
            or_zero(failures),
            limits=ANY,
            decimals=0,
            size=(4, 7),
            links=[runbook("RuleEvaluationFailing")],
        ),
        number(
            "Certificate",
            "How long the certificate that ends first is still valid.",
            "min(probe_ssl_earliest_cert_expiry) - time()",
            unit="s",
            base=RED,
            limits=((7 * 86400.0, YELLOW), (21 * 86400.0, GREEN)),
            decimals=0,
            size=(4, 7),
            links=[runbook("CertificateExpiring")],
            empty="unless the certificate of the TLS overlay is probed",
        ),
    ]
