"""青城 demo: 120 invented appeals go through the real services to their end, played by people who exist only here."""
