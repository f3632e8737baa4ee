"""How the program is started, packed and kept running."""
