"""The engine: what a step of a game is, whatever the game."""
