"""One classifier for any survey: periods with their aliases, classes with a guarantee."""

CLASSIFIER = "classifier.AnySurvey"
RECIPES = ("any",)
