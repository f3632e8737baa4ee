"""The parts of the proof that no community sees another."""
