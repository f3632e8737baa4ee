"""Backups: the whole database or one community, with its files, as one encrypted archive; and the way back.

``sealed`` encrypts a stream, ``parts`` divides it, ``tables`` copies rows, ``making`` and ``restoring`` are the two
directions. Nothing of the program's keys is ever written into an archive.
"""
