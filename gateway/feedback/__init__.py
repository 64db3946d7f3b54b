"""What users say of the predictions that they got: kept without the picture, for whoever makes the next model."""
