"""A small shop: wxlogin beside a `users` table that was there before it."""
