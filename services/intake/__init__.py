"""Intake 受理: where every issue begins, and where its caller sees how it ends."""
