"""What differs between two snapshots: counted and listed by the database, shown word by word for one document."""
