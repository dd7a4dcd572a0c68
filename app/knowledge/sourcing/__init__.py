"""Where documents come from: sources, when each is read next, and the pages that were fetched for them."""
