"""The ground and who answers for it: editions of cells, locating a point, routing an incident."""
