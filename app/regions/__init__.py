"""Provinces, their kabupaten and kota, and their clocks. Provinces are data: the code names none of them."""
