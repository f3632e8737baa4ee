"""What the proof of faults is made of: the crowd, the kills, the counting."""
