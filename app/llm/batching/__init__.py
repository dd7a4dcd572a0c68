"""Work that can wait, at half the price: handed to a provider in one piece, fetched when it is done."""
