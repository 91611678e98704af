"""What one person asks for and another approves, and how it is carried out."""
