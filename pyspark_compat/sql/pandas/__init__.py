"""Functions over pandas and Arrow batches. Imports neither pandas nor pyarrow until one is defined."""
