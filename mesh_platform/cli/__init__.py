"""`mesh`, the command line: loads, asks the rooms below, prints. No rule of the mesh lives here."""
