"""The rules of the game as pure functions, each with its source and confidence."""
