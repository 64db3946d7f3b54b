"""Untrusted bytes in, an RGB picture or a model's input tensor out.

The gateway imports `sniff` and `formats` only, which need no image library; so nothing is imported here.
"""
