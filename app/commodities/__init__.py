"""The goods: families, commodities, the words that traders use for them, and their units."""
