"""Work for later, and the watch over calls that are not over."""
