"""One module a family of formats. Each works on bytes alone and trusts nothing in them."""
