"""S26: Szklenar et al. (2026), images in two bands and periods."""

NETWORKS = {"s26": "build_s26", "s26-light": "build_light"}
FORWARD = {"s26-light": "light"}
CLASSIFIER = "classifier.MultibandClassifier"
RECIPES = ("s26-eros2",)
