"""What the models are made of: networks, layers, initial weights."""
