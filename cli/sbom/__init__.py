"""``make sbom``: a CycloneDX bill of materials of each image, from what is in it."""
