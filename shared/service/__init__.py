"""What the inference services have in common: everything but the model."""
