"""The library that the gateway and every inference service are built on."""
