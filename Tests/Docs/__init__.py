"""The pages of docs: commands run and print what the page shows, messages are real, links lead somewhere."""
