// @vitest-environment jsdom
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Functions, json, openPhone, SERVER } from "./wx_phone";

const USR = "http://usr";

beforeEach(() => {
  URL.createObjectURL = vi.fn(() => "blob:made");
  URL.revokeObjectURL = vi.fn();
});

async function withPicture() {
  const phone = openPhone(() => json({ avatar_url: "/a/1" }));
  phone.platform.agreePrivacy("b");
  phone.shell.askAvatar.mockResolvedValue(new Blob(["picture"], { type: "image/png" }));
  const chosen = await phone.platform.chooseAvatar();
  const manager = phone.wx.getFileSystemManager?.() as Functions;
  return { phone, path: chosen?.avatarUrl ?? "", manager };
}

describe("temporary files", () => {
  test("a chosen avatar is a temporary path, which an image can show", async () => {
    const { phone, path } = await withPicture();
    expect(path).toMatch(/^http:\/\/tmp\/\d+\.png$/);
    expect(phone.platform.resolveImage(path)).toBe("blob:made");
  });

  test("is uploaded as a form, with the fields beside it", async () => {
    const { phone, path } = await withPicture();
    const told = await phone.call("uploadFile", {
      url: `${SERVER}/v1/me/avatar`,
      filePath: path,
      name: "file",
      formData: { note: "x" },
      header: { Authorization: "Bearer secret-token", "Content-Type": "multipart/form-data" },
    });
    expect(told).toMatchObject({
      errMsg: "uploadFile:ok",
      statusCode: 200,
      data: '{"avatar_url":"/a/1"}',
    });
    const init = phone.sent.at(-1)?.init;
    const form = init?.body as FormData;
    expect(form.get("note")).toBe("x");
    expect((form.get("file") as File).type).toBe("image/png");
    // With a type of its own the boundary would be missing.
    expect(init?.headers).toEqual({ authorization: "Bearer secret-token" });
  });

  test("a path that is none fails and sends nothing", async () => {
    const phone = openPhone();
    const before = phone.sent.length;
    const told = await phone.call("uploadFile", {
      url: `${SERVER}/`,
      filePath: "http://tmp/none.png",
      name: "f",
    });
    expect(told.errMsg).toBe('uploadFile:fail no such file or directory "http://tmp/none.png"');
    expect(phone.sent.length).toBe(before);
  });

  test("a download becomes a temporary file, or the file it was asked to be", async () => {
    const { phone, manager } = await withPicture();
    const url = `${SERVER}/export`;
    const first = await phone.call("downloadFile", { url });
    expect(first).toMatchObject({ errMsg: "downloadFile:ok", statusCode: 200 });
    expect(manager.readFileSync?.(first.tempFilePath, "utf8")).toBe('{"avatar_url":"/a/1"}');
    const filePath = `${USR}/export.json`;
    expect(await phone.call("downloadFile", { url, filePath })).toMatchObject({ filePath });
    expect(manager.readFileSync?.(filePath, "utf8")).toContain("avatar_url");
  });
});

describe("the file system", () => {
  const open = () => openPhone().wx.getFileSystemManager?.() as Functions;

  test("text and bytes come back, in each encoding", () => {
    const files = open();
    files.writeFileSync?.(`${USR}/a.txt`, "甲b", "utf8");
    expect(files.readFileSync?.(`${USR}/a.txt`, "utf8")).toBe("甲b");
    expect(files.readFileSync?.(`${USR}/a.txt`, "hex")).toBe("e794b262");
    expect(files.readFileSync?.(`${USR}/a.txt`, "base64")).toBe("55SyYg==");
    const bytes = files.readFileSync?.(`${USR}/a.txt`) as ArrayBuffer;
    files.writeFileSync?.(`${USR}/b.txt`, bytes);
    new Uint8Array(bytes).fill(0);
    expect(files.readFileSync?.(`${USR}/b.txt`, "utf8")).toBe("甲b");
    expect(files.readFileSync?.(`${USR}/a.txt`, "utf8")).toBe("甲b");
    files.writeFileSync?.(`${USR}/c.txt`, "55SyYg==", "base64");
    expect(files.readFileSync?.(`${USR}/c.txt`, "utf8")).toBe("甲b");
  });

  test.each(["http://tmp/x", "/x", "https://evil.example/x", "http://usrx/x"])(
    "nothing is written to %s",
    (path) => {
      expect(() => open().writeFileSync?.(path, "x")).toThrow(
        "writeFileSync:fail permission denied",
      );
    },
  );

  test("folders", async () => {
    const files = open();
    expect(() => files.writeFileSync?.(`${USR}/d/a`, "x")).toThrow("no such file or directory");
    files.mkdirSync?.(`${USR}/d/e`, true);
    files.writeFileSync?.(`${USR}/d/a`, "x");
    expect(files.readdirSync?.(`${USR}/d`)).toEqual(["a", "e"]);
    expect(() => files.mkdirSync?.(`${USR}/d`)).toThrow("file already exists");
    expect(() => files.rmdirSync?.(`${USR}/d`)).toThrow("directory not empty");
    files.rmdirSync?.(`${USR}/d`, true);
    await expect(files.access?.({ path: `${USR}/d/a` })).rejects.toEqual({
      errMsg: `access:fail no such file or directory "${USR}/d/a"`,
      errno: 1300002,
    });
  });

  test("a saved temporary file moves, and unlink removes it", async () => {
    const { path, manager } = await withPicture();
    const saved = manager.saveFileSync?.(path, `${USR}/me.png`);
    expect(saved).toBe(`${USR}/me.png`);
    expect(() => manager.accessSync?.(path)).toThrow("no such file");
    manager.unlinkSync?.(saved);
    expect(() => manager.accessSync?.(saved)).toThrow("no such file");
  });
});

test("paths of the package, of the own server and of others", () => {
  const { platform } = openPhone();
  expect(platform.resolveImage("/images/a.png")).toBe("app/assets/images/a.png");
  expect(platform.resolveImage("../../images/a.png")).toBe("app/assets/images/a.png");
  expect(platform.resolveImage(`${SERVER}/v1/avatars/1`)).toBe(
    `${location.origin}/server/v1/avatars/1`,
  );
  expect(platform.resolveImage("https://thirdwx.qlogo.cn/x")).toBe("https://thirdwx.qlogo.cn/x");
  expect(platform.resolveImage("data:image/png;base64,AA==")).toBe("data:image/png;base64,AA==");
});

test("base64 and back", () => {
  const { wx } = openPhone();
  const bytes = wx.base64ToArrayBuffer?.("AP8Q");
  expect([...new Uint8Array(bytes as ArrayBuffer)]).toEqual([0, 255, 16]);
  expect(wx.arrayBufferToBase64?.(bytes)).toBe("AP8Q");
});
