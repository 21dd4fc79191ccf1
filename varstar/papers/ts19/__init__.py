"""TS19: Tsang & Schultz (2019), recurrent autoencoder and Gaussian mixture."""

NETWORKS = {
    "ts19": "build_ts19",
    "ts19-light": "build_light",
    "ts19-estimation": "build_estimation",
}
FORWARD = {"ts19": "autoencoder"}
CLASSIFIER = "classifier.SequenceClassifier"
RECIPES = ("ts19-catalina",)
