"""Who may: accounts, tokens, keys for machines, and another issuer's tokens."""
