"""Models of the ranker learned from decisions: how good each is, which one is in use, and the way back.

Words: a model is a *candidate* when it was fitted but is not better, *in use* when it ranks, *retired* when it once
did. The *cold start* ranks while no model is in use. What people said is read in `app.evaluation`, which sees deals.
"""
