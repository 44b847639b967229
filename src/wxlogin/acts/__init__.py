"""Every act as a call: what `WxLogin` does where its routes do it over HTTP, by subject.

Thin covers over the core, for a host that keeps routes of its own. `server.WxLogin` is made
of them; each asks it for the running `flow`.
"""
