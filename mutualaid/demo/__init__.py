"""A made-up network to look around in: Toronto's neighbourhoods, some sixty posts, matches in every state."""
