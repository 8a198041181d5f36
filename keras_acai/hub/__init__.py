"""The Hugging Face Hub: its client, whose answers are checked and whose errors are explained."""
