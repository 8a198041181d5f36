"""Networks, layers and initial weights of the models."""
