"""People: accounts, neighbours, sealed fields, codes and links."""
