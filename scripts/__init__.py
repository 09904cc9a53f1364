"""Commands for whoever deploys the app."""
