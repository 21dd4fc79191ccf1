"""S20: Szklenar et al. (2020), images of folded light curves; random forest."""
