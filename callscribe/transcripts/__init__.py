"""Reading: lists of calls, transcripts in every format, search."""
