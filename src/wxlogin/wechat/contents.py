"""WeChat's judgement of texts and pictures: the port `ContentCheck`.

What is known of the two calls; the marks are those of the contract ([D] an official page,
[St] WeChat's staff, [O] answers that developers quote, [U] unknown):

    POST /wxa/msg_sec_check?access_token=…          文本内容安全识别, msgSecCheck 2.0
      {"version":2,"scene":1,"openid":"…","content":"…"}                            [D]
        openid    who has used the mini program in the last two hours [D]; the staff
                  once said thirty minutes [St 2020]; else 61010 "code is expired" [O]
        scene     1 profile, 2 comment, 3 forum, 4 social log [D]; others 40129 [D]
        content   at most 2500 characters, UTF-8 [D]
        also      nickname, title, signature (scene 1 alone), all optional [D]
      {"errcode":0,"errmsg":"ok","detail":[…],"trace_id":"…","result":{"suggest":"risky",
      "label":20006}}                                                               [O]
        suggest   pass, review or risky [D]; label a number, 100 is normal [D][O]
        errcodes  40003 no such openid, 43104 another app's, 44002 empty, 47001 no JSON,
                  43302 not POST [D]; 45011, 45009 beyond 4,000 a minute, 2,000,000 a day [D]
      version 1 has had no new words since September 2021 [D]; it is not used here.

    POST /wxa/img_sec_check?access_token=…          图片内容安全识别, imgSecCheck 1.0
      a form with the file `media`: PNG, JPEG, GIF; at most 1 MB and 750 x 1334 pixels [D]
      {"errcode":0,"errmsg":"ok"}, or 87014 "risky content"                         [D]
        the file needs a file name and the request a length: else 41005 "media data
        missing", or status 412 [O]; too large is 40006 "invalid media size" [O],
        no picture 40004 "invalid media type" [O, on a sibling call]
        2,000 a minute, 200,000 a day [D]
      Out of the list of interfaces since 2021, "no longer updated, use mediaCheckAsync" [D],
      and still answering in 2025 [O]. Its successor judges a URL that WeChat must be able
      to fetch, and answers by a push up to 30 minutes later [D]: nobody waits so long for
      a picture, and meanwhile it would be seen. How long it will answer is unknown [U].

The picture's own person is not named to WeChat, for the call takes no openid.
"""

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.wechat import answers, questions
from wxlogin.wechat.access_token import SharedAccessTokens
from wxlogin.wechat.asking import Asking
from wxlogin.wechat.errcodes import Meaning

PICTURE_SECONDS = 8.0
"""A picture is sent and looked at; developers report three seconds and more. No login waits."""

# To a host that makes such a call by itself it is an errcode like any other.
_MEANINGS = {87014: Meaning.CONTENT}


class Contents:
    """Asks for judgements, each a call that may be repeated with a new access_token.

    Anything but "pass" is a no: "review" means that a human should look, and here is none.
    """

    def __init__(
        self,
        asking: Asking,
        *,
        tokens: SharedAccessTokens,
        seconds: float,
        picture_seconds: float = PICTURE_SECONDS,
    ) -> None:
        self._asking = asking
        self._tokens = tokens
        self._seconds = seconds
        self._picture_seconds = picture_seconds

    async def is_text_allowed(self, app: App, text: str, *, openid: str) -> bool:
        """See `ContentCheck`. Of a person who is not in the mini program now, as WeChat sees
        it, nothing can be judged: that is a `WeChatApiError` with the errcode 61010."""
        build = questions.text_check(text, openid=openid, seconds=self._seconds)
        try:
            return await self._asking.ask_with_token(
                app, build, answers.text_verdict, tokens=self._tokens, meanings=_MEANINGS
            )
        except errors.ContentRejected:
            return False

    async def is_picture_allowed(self, app: App, content: bytes, *, media_type: str) -> bool:
        """See `ContentCheck`. Raises ValueError for a type that WeChat does not judge."""
        build = questions.picture_check(
            content, media_type=media_type, seconds=self._picture_seconds
        )
        try:
            await self._asking.ask_with_token(
                app, build, answers.plain_yes, tokens=self._tokens, meanings=_MEANINGS
            )
        except errors.ContentRejected:
            return False
        return True
