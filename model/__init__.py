"""Every schedule of a small system: the chassis's own code between a scheduled database and a scheduled broker."""
