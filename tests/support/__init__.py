"""What the tests share: toy bundles, made pictures, a real Redis."""
