"""Brings what lies elsewhere to this machine: web pages, sitemaps, whole sites, Git repositories."""
