import { describe, expect, test } from "vitest";
import * as fields from "../rules/fields";

test("a phone has eleven digits and begins with 1", () => {
  expect(fields.phoneFault(" 13800006666 ")).toBeNull();
  for (const wrong of [
    "",
    "1380000666",
    "138000066666",
    "23800006666",
    "1380000666a",
    "１３８００００６６６６",
  ])
    expect(fields.phoneFault(wrong), wrong).not.toBeNull();
});

test("a verification code has six digits", () => {
  expect(fields.verificationCodeFault("012345")).toBeNull();
  for (const wrong of ["", "12345", "1234567", "12345a"])
    expect(fields.verificationCodeFault(wrong), wrong).not.toBeNull();
});

describe("a password", () => {
  test("has eight characters, counted as a person counts them", () => {
    expect(fields.passwordFault("correct horse", "correct horse")).toBeNull();
    expect(fields.passwordFault("😀😀😀😀", "😀😀😀😀")).toContain("4 个");
    expect(fields.passwordFault("1234567", "1234567")).not.toBeNull();
  });

  test("is typed twice alike", () => {
    expect(fields.passwordFault("correct horse", "correct house")).toBe("两次输入的密码不一致");
  });

  test("has an end", () => {
    expect(fields.passwordFault("x".repeat(129), "x".repeat(129))).not.toBeNull();
  });

  test("never stands in what is said of it", () => {
    expect(fields.passwordFault("s3cret", "s3cret")).not.toContain("s3cret");
  });
});

test("a username is no phone number: nobody logs in by another's", () => {
  expect(fields.usernameFault("小明")).toBeNull();
  for (const wrong of ["a", "x".repeat(65), "13800006666"])
    expect(fields.usernameFault(wrong), wrong).not.toBeNull();
});

test("a nickname shows and ends", () => {
  expect(fields.nicknameFault("小明")).toBeNull();
  expect(fields.nicknameFault("   ")).not.toBeNull();
  expect(fields.nicknameFault("x".repeat(33))).not.toBeNull();
});

test("a line is named in what is wrong with it", () => {
  expect(fields.lineFault("示例公司", "企业名称")).toBeNull();
  expect(fields.lineFault(" ", "企业名称")).toBe("请输入企业名称");
  expect(fields.lineFault("x".repeat(129), "企业名称")).toContain("企业名称");
});

test("the first fault is told, and none where there is none", () => {
  expect(fields.firstFault(null, "one", "two")).toBe("one");
  expect(fields.firstFault(null, null)).toBeNull();
});
