"""What customers ask and the knowledge base lacks: their questions by likeness, and drafts of the missing articles."""
