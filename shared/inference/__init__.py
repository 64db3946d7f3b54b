"""From a checked upload to probabilities: a pool of workers, each with a model of its own."""
