"""Learning what speaks for a message: conversations with questions in, a table of weights out."""
