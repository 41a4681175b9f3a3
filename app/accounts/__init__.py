"""People: who they are, how they sign in, what they may be, and what they agreed to."""
