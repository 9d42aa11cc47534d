"""What a change of the files would do, held against releases or a commit."""
