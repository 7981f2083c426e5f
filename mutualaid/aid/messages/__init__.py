"""Messages between the two sides of a match, through us, before either knows how to reach the other."""
