"""Traces: every request has an id that its log lines share; a sampled one has spans, too, sent to an OTLP collector."""
