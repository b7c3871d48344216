"""Random histories of the library against a service whose every deed is known, and a checker that compares the two."""
