"""Did it work: totals, history of the pair, exports."""
