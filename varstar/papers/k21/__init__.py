"""K21: Kim et al. (2021), UPSILoN-T: sixteen features, dense network, transfer."""

NETWORKS = {"k21": "build_k21"}
FORWARD = {"k21": "network"}
CLASSIFIER = "light_curves.FeatureClassifier"
RECIPES = ("k21-lmc", "k21-asas", "k21-hipparcos", "k21-sim")
