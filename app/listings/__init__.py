"""What firms offer and what they need, in their own words and in terms that can be compared."""
