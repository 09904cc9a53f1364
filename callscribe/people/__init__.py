"""Who takes part in calls: since when, until when, and in which of them."""
