"""What `make bench` is made of: how fast it is beside the least that the same work costs on the same machine."""
