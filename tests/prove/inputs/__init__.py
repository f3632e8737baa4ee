"""What the proof of inputs is made of: a played street that can be put back, its forms, nonsense, and the judge."""
