"""A trade mission: when, where, which two provinces, who joins, and what earlier missions published."""
