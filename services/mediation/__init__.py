"""化解 mediation: consent, mediator, agreement, judicial confirmation and performance of one dispute."""
