"""Who may send: tokens, signatures, signing keys."""
