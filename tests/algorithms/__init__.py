"""Tests of the pure methods: no database, no web."""
