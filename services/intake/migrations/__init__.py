"""Intake's database schema."""
