"""A stand-in for WeChat Work (企业微信), for tests and demonstrations of self-built apps. In memory, on loopback.

It knows nothing of the app it talks to, and imports nothing of it: aiohttp, jinja2, yarl and wechatpy are all it needs.
Copy the package, or depend on it, to try your own callback.

**What it does as the platform does**

- signs, encrypts and posts messages and events, each attempt with a nonce of its own; checks the URL within 1 s;
- waits 5 s for an answer and retries with the same bytes of plaintext; judges passive replies as strictly as the
  vendor's documents allow (signature, padding, receiver, addresses, types, lengths) and says what is wrong with them;
- serves `gettoken`, `message/send`, `message/recall`, `message/update_template_card`, `menu/*`, `agent/get`, `media/*`,
  `auth/getuserinfo`, `getcallbackip`, with the platform's error codes, its limits (lengths, receivers, messages a minute
  and an hour to a person, the app's day) and its duplicate check;
- offers the OAuth redirect, with codes that work once and for five minutes;
- goes wrong on request: lost answers, resets, calls that never return, error codes, HTTP errors.

**In a test**

    account = Account("ww…", 1000002, secret, token, aes_key, "My app")
    async with ClientSession() as session:
        platform = Platform(account, "http://127.0.0.1:8080/callback", session, clock=lambda: datetime.now(UTC))
        assert (await platform.verify_url()).problems == ()
        exchange = await platform.say("zhangmin", "hello")
        assert exchange.problems == ()
        assert platform.replies("zhangmin") == ["hello to you"]

`platform.tell` sends any message or event of `callbacks`; `platform.faults` makes trouble; `platform.deliveries`,
`platform.dropped`, `platform.chat` and `platform.calls` show what came of it. `Timing` makes its patience short. Time and
randomness are arguments.

**With its API and its chat page**

    app = web.Application()   # your own app, or an empty one on another port
    mount(app, platform)      # adds /cgi-bin/…, /oauth/… and /sandbox/

Point your app's API client at the address of that application. `/sandbox/` is a chat client in the browser with several
people to be, and the wire laid open beside it.

**Alone**

    python -m bot.demo http://127.0.0.1:8080/callback

prints made-up credentials for your app, and where its API and its chat page are.

**What it does not do**: other apps, departments and tags (a message to them reaches nobody), approval, files of the
address book, the smart robot. Its facts come from https://developer.work.weixin.qq.com/document/; each module cites its
page.
"""
