"""Titik Temu: the platform on which provinces run their trade missions."""
