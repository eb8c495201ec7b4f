"""What ships do: generator scripts that survive being killed at any step."""
