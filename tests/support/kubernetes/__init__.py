"""The Kubernetes manifests as plain objects, and what must hold of them."""
