"""Random histories of the library against a service of which every deed is known, and a checker that compares the two."""
