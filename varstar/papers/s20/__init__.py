"""S20: Szklenar et al. (2020), images of folded light curves; random forest."""

NETWORKS = {"s20": "build_s20", "s20-64": "build_s20_64", "s20-cifar": "build_cifar",
            "s20-light": "build_light"}  # fmt: skip
FORWARD = {"s20-light": "light"}
CLASSIFIER = "classifier.ImageClassifier"
RECIPES = ("s20-catalina", "s20p-catalina")
