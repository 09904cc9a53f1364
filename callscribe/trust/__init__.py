"""Who may send: tokens, signatures, and the keys that prove them."""
