"""Proposals of pairs, their reasons, the organiser's decisions and the owners' answers."""
