"""What opens the files of other programs: a process of its own, with little memory, little time and no secrets."""
