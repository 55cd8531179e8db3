"""A report comes in: check, find twin, locate, route, number, open, start the clock; one, or many at once."""
