"""Fifteen typical rules over TPC-H's `lineitem`, told to five programs, each a process.

Every side is a module that takes the folder of the data and prints what `answer` lays out.
"""
