"""Start-up of a checkout: packages, private database, demo, servers. Standard library only: it runs before anything is installed."""
