"""What all packages stand on; no word of the domain."""
