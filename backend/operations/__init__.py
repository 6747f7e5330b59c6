"""How the installation is doing, what is wrong with it, and its backup."""
