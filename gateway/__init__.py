"""The only public process: admits, routes, and tells how the system is. No image is decoded in it."""
