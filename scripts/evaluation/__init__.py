"""How good an extractor is: its facts compared with those that people annotated."""
