import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { press } from "./components_phone";
import { type OpenedPhone, openPhone } from "./open_phone";

const GALLERY = join(import.meta.dirname, "fixtures/components");
let phone: OpenedPhone;
afterEach(() => phone.close());

test.each(["basics", "fields", "containers"])(
  "the page of all %s opens without an error",
  async (name) => {
    phone = await openPhone(GALLERY, { path: `pages/${name}/${name}` });
    expect(phone.errors).toEqual([]);
    expect(phone.findAll(".part").length).toBeGreaterThan(1);
  },
);

test("what is set on many fields at once is submitted as it is shown", async () => {
  phone = await openPhone(GALLERY, { path: "pages/fields/fields" });
  await phone.type("#plain", "hello");
  press(phone.find("#b"), " ");
  await phone.tap("#y");
  await phone.tap("#submit");
  expect(JSON.parse(phone.text("#log"))).toMatchObject({
    plain: "hello",
    boxes: ["a", "b", "c"],
    radios: "y",
    switch: true,
    slider: 30,
    date: "2024-02-29",
  });
});
