"""What every method shares: splits, scaling, training, trees, scores, explanations."""
