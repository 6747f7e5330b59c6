"""Server-rendered pages: they work without script, in Chinese and English."""
