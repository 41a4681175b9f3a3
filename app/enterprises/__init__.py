"""The directory: the MSMEs, their baseline, their size class, who checked them."""
