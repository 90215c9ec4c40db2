"""How it is joined: a description becomes parts on a graph, its routes worked out once."""
