"""The live console: a picture of a running fleet in a terminal, drawn from its status alone."""
