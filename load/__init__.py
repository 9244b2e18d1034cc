"""What `make load` is made of: a city calling, with a pass or a fail at the end."""
