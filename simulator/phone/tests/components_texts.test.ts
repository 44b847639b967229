import { afterEach, describe, expect, test, vi } from "vitest";
import { type ComponentPage, openTemplate } from "./components_phone";

let phone: ComponentPage;
afterEach(() => phone.close());

const html = (selector: string): string => phone.element(selector).innerHTML;
const rich = async (nodes: unknown): Promise<void> => {
  phone = await openTemplate(`<rich-text id="r" nodes="{{nodes}}" />`, {
    methods: `data: { nodes: ${JSON.stringify(nodes)} }`,
  });
};

describe("a text", () => {
  test("decodes entities once, and again when the text changes", async () => {
    phone = await openTemplate(`<text id="t" decode>{{t}}</text><text id="raw">{{t}}</text>`, {
      methods: 'data: { t: "&lt;b&gt; &amp;lt; &nope;" }',
    });
    expect(phone.element("#t").textContent).toBe("<b> &lt; &nope;");
    expect(phone.element("#raw").textContent).toBe("&lt;b&gt; &amp;lt; &nope;");
    phone.page().setData({ t: "&amp;" });
    await phone.settle();
    expect(phone.element("#t").textContent).toBe("&");
  });

  test("keeps spaces of the width it is told", async () => {
    phone = await openTemplate(`<text id="t" space="emsp">{{'a  b'}}</text>`);
    expect(phone.element("#t").textContent).toBe("a\u2003\u2003b");
  });
});

describe("rich text", () => {
  test("draws a string of HTML", async () => {
    await rich('<p class="c">a<b>b</b><br>&lt;</p><img src="data:image/png,x" alt="d">');
    expect(html("#r")).toBe(
      '<p class="c">a<b>b</b><br>&lt;</p><img src="data:image/png,x" alt="d">',
    );
  });

  test("draws a tree of nodes", async () => {
    await rich([
      { name: "div", attrs: { style: "color: red" }, children: [{ type: "text", text: "x" }] },
    ]);
    expect(phone.element("#r div").style.color).toBe("red");
    expect(phone.text("#r")).toBe("x");
  });

  test.each([
    ["a script", "<script>alert(1)</script>", ""],
    ["a script that closes late", "<script>'<b>'</script>ok", "ok"],
    ["a handler", '<img onerror="alert(1)" src="data:,x">', '<img src="data:,x">'],
    ["an address to follow", '<a href="javascript:alert(1)">x</a>', "<a>x</a>"],
    ["a frame", '<iframe srcdoc="<script>alert(1)</script>"></iframe>', ""],
    ["a form", '<form action="//evil"><input name="x">y</form>', "y"],
    ["markup in a text", "&lt;script&gt;x", "&lt;script&gt;x"],
    ["a tag that is not closed", "<b>x", "<b>x</b>"],
    ["an end without a beginning", "</div></p>x", "x"],
  ])("lets nothing through that runs or leads away: %s", async (_, given, drawn) => {
    await rich(given);
    expect(html("#r")).toBe(drawn);
  });

  test("lets a tree do no more than a string", async () => {
    await rich([
      { name: "SCRIPT", children: [{ type: "text", text: "alert(1)" }] },
      { name: "a", attrs: { href: "javascript:alert(1)", onclick: "alert(1)", id: "x" } },
    ]);
    expect(html("#r")).toBe("<a></a>");
  });
});

describe("an image", () => {
  test("shows a picture of the package, relative to its page, and tells its size", async () => {
    phone = await openTemplate(
      `<image id="i" src="{{src}}" bindload="note" binderror="note" aria-label="face" />`,
      {
        methods: 'data: { src: "../face.png" }',
      },
    );
    const image = phone.element("#i").querySelector("img") as HTMLImageElement;
    expect(image.getAttribute("src")).toBe("app/assets/face.png");
    expect(phone.element("#i").getAttribute("role")).toBe("img");
    image.dispatchEvent(new Event("load"));
    image.dispatchEvent(new Event("error"));
    expect(phone.noted()).toMatchObject([
      { type: "load", detail: { width: 0, height: 0 } },
      { type: "error", detail: { errMsg: "GET ../face.png failed" } },
    ]);
  });

  test("without a picture draws none, not a broken one", async () => {
    phone = await openTemplate(`<image id="i" src="" />`);
    const image = phone.element("#i").querySelector("img") as HTMLImageElement;
    expect([image.hidden, image.hasAttribute("src")]).toEqual([true, false]);
  });
});

test("a progress bar says how far it is", async () => {
  phone = await openTemplate(`<progress id="p" percent="{{p}}" show-info />`, {
    methods: "data: { p: 140 }",
  });
  expect(phone.element("#p").getAttribute("aria-valuenow")).toBe("100");
  phone.page().setData({ p: 40 });
  await phone.settle();
  expect(phone.text("#p")).toBe("40%");
});

test("an icon has a shape and a colour of its own, or the page's", async () => {
  phone = await openTemplate(
    `<icon id="i" type="success" size="40" /><icon id="c" type="warn" color="blue" />`,
  );
  const path = phone.element("#i").querySelector("path");
  expect(path?.getAttribute("fill")).toBe("#07c160");
  expect(path?.getAttribute("d")).toMatch(/^M/);
  expect(phone.element("#i").querySelector("svg")?.getAttribute("width")).toBe("40");
  expect(phone.element("#c").querySelector("path")?.getAttribute("fill")).toBe("blue");
});

test("a component this phone does not have says so", async () => {
  phone = await openTemplate(`<map id="m" />`);
  expect(phone.text("#m")).toBe("<map> 此模拟手机没有这个组件");
});

test("no documented attribute is warned of", async () => {
  const warned = vi.spyOn(console, "warn");
  phone = await openTemplate(`
    <input name="a" type="idcard" cursor="{{1}}" cursor-spacing="1" adjust-position="{{false}}" hold-keyboard always-embed />
    <button size="mini" session-from="a" app-parameter="b" show-message-card hover-stop-propagation>x</button>
    <scroll-view scroll-y enhanced bounces show-scrollbar="{{false}}" refresher-enabled />
    <textarea auto-height fixed show-confirm-bar disable-default-padding />
    <swiper snap-to-edge easing-function="linear" /><image lazy-load webp show-menu-by-longpress />
    <picker mode="date" start="2020-01-01" end="2021-01-01" fields="month" header-text="x" />`);
  expect(warned).not.toHaveBeenCalled();
});
