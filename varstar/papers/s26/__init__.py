"""S26: Szklenar et al. (2026), images in two bands and periods."""
