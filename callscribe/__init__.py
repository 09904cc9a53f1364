"""Live call transcripts from Azure Communication Services, kept in your own Table Storage."""
