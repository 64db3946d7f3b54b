"""Fits what a bundle needs beside its weights to be believed: the gate, quality limits, calibration, reference."""
