"""Notices on phones and computers, by web push: what follows a message, and never stands for it."""
