"""Training of the extractor's small model; nothing here is needed to run it."""
