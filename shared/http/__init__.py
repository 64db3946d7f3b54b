"""HTTP parts that the gateway and the services share: errors, request context, limits, uploads."""
