"""The command `keras-acai`."""
