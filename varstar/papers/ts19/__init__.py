"""TS19: Tsang & Schultz (2019), recurrent autoencoder and Gaussian mixture."""
