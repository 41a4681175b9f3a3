"""What was agreed: deals as append-only entries, so that every figure can be traced and nothing is overwritten."""
