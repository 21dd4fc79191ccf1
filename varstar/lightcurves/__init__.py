"""What a light curve is: the container, folding, cleaning, augmentation."""
