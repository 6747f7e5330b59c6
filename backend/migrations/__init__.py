"""Database migrations, applied by `liftrounds migrate`."""
