import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { live, times, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("one login at a time", () => {
  it("50 parallel first requests: one wx.login, one POST /v1/login, 50 answers", async () => {
    const { auth, wx, server } = live();
    const answers = await within(
      Promise.all(times(50, (n) => auth.request({ url: `/orders/${n}` }))),
      1000,
    );
    expect(answers.map((each) => each.statusCode)).toEqual(times(50, () => 200));
    expect(wx.logins).toBe(1);
    expect(server.count("/v1/login")).toBe(1);
  });

  it("50 parallel 401s: one new login, 50 answers", async () => {
    const { auth, wx, server } = live();
    await within(auth.login());
    server.endAll("session_expired");
    const answers = await within(
      Promise.all(times(50, (n) => auth.request({ url: `/orders/${n}` }))),
      1000,
    );
    expect(answers.every((each) => each.statusCode === 200)).toBe(true);
    expect(wx.logins).toBe(2);
    expect(server.count("/v1/login")).toBe(2);
  });

  it("a 401 that arrives for yesterday's token is answered with today's", async () => {
    const { auth, wx, server } = live();
    await within(auth.login());
    server.endAll("session_idle");
    const slow = auth.request({ url: "/slow" });
    const again = auth.login();
    expect((await within(slow)).statusCode).toBe(200);
    await within(again);
    expect(wx.logins).toBe(2);
  });

  it("a new session of this phone ends the old one: no request of the old one signs out", async () => {
    const { auth, server, heard } = live();
    await within(auth.login());
    const busy = auth.request({ url: "/before" });
    const tapped = auth.loginByPhone({ code: "phone-code" });
    server.endAll("session_replaced", { device: { name: "this one" } });
    expect((await within(busy)).statusCode).toBe(200);
    await within(tapped);
    expect(heard.signedOut).toEqual([]);
    expect(auth.hold).toBeNull();
  });

  it("a request that needs a login waits for the tap that is in the air", async () => {
    const { auth, wx, server } = live();
    const tapped = auth.loginByPassword({ username: "ann", password: "correct horse" });
    const answer = await within(auth.request({ url: "/orders" }));
    await tapped;
    expect(answer.statusCode).toBe(200);
    expect(wx.logins).toBe(0);
    expect(server.count("/v1/login/password")).toBe(1);
  });

  it("two taps on one button are one login", async () => {
    const { auth, server } = live();
    const tap = { errMsg: "getPhoneNumber:ok", code: "phone-code" };
    await within(Promise.all([auth.loginByPhone(tap), auth.loginByPhone(tap)]));
    expect(server.count("/v1/login/phone")).toBe(1);
  });

  it("start() and requests at the same moment are one login", async () => {
    const { auth, wx, heard } = live();
    const [account] = await within(
      Promise.all([auth.start(), auth.request({ url: "/a" }), auth.start()]),
    );
    expect(account?.id).toBe("ann");
    expect(wx.logins).toBe(1);
    expect(heard.signedIn.map((each) => each.how)).toEqual(["silent"]);
  });
});
