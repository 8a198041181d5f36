"""How any of the models is trained and run."""
