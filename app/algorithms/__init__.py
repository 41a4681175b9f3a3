"""Pure methods: text, tagging, candidate pairs, features, ranking, explanations, measures.

Arrays and frozen dataclasses in and out. Nothing here knows the database, the web, the clock, a file or a province.

Words: a *listing* is one offer or one need; a *pair* is a need and an offer of different provinces; a *part* is one
named number in [0, 1] that says how well a pair fits in one respect; a *gain* is what one side gets out of a pair.
"""
