from fastapi import FastAPI

from wxlogin.fastapi import CurrentAccount, WxLogin

wx = WxLogin()  # reads WXLOGIN_* and .env
app = FastAPI(lifespan=wx.lifespan)
app.include_router(wx.router)


@app.get("/orders")
async def orders(me: CurrentAccount) -> dict[str, object]:
    return {"account": me.id, "user": me.user_id}
