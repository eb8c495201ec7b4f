"""The fleet's actors: ships, conductor, treasury, market book, bucket, workers, writer."""
