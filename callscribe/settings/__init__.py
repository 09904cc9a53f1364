"""The settings of the app, from its environment."""
