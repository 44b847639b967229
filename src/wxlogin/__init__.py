"""wxlogin: the complete login system for WeChat Mini Programs, on the developer's server."""
