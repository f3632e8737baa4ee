"""What the proof about everyone looks with: probes for one page, the pages, the keyboard and the paper."""
