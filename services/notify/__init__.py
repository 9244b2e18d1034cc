"""回访 notify: messages to people and the call-back that decides whether an issue is really closed."""
