"""The questions about a visit, one function each: what is asked, and why it matters."""
