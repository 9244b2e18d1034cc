"""青城 chaos: everything is broken under load, again and again, and then looked at from outside."""
