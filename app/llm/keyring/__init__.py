"""Keys of providers: those of the environment, and over them those that an admin stored."""
