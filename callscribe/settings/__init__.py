"""What the app is told by its environment."""
