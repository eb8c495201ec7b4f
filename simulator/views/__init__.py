"""How the state of the world looks in the API's answers."""
