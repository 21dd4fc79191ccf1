"""K21: Kim et al. (2021), UPSILoN-T: sixteen features, dense network, transfer."""
