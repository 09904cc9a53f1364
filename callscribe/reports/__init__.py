"""What a call's rows add up to: counts, duplicates, gaps."""
