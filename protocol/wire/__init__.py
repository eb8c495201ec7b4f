"""SpaceTraders wire models: what the API sends and takes."""
