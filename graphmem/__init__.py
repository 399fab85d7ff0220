"""graphmem: long-term memory for LLM agents."""
