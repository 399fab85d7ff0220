"""The offline extractor, one stage a file; see ``pipeline`` for their order."""
