"""The demo city: people for every role, departments with duties, and a year of replayed cases."""
