"""SM: Santomena & Mufti, catch22 with dense networks; recurrent networks."""

NETWORKS = {"sm": "build_dense", "sm-first": "build_first", "sm-recurrent": "build_recurrent"}
FORWARD = {"sm": "network"}
CLASSIFIER = "classifier.Catch22Classifier"
RECIPES = ("sm-asas",)
