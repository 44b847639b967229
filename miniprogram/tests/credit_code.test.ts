import { describe, expect, test } from "vitest";
import { creditCodeFault } from "../rules/credit_code";

const RIGHT = "91350100M000100Y43";
const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

describe("统一社会信用代码", () => {
  test("a right one passes, in small letters and with blanks around it too", () => {
    expect(creditCodeFault(RIGHT)).toBeNull();
    expect(creditCodeFault(` ${RIGHT.toLowerCase()} `)).toBeNull();
  });

  test("any single character typed wrong is noticed, in each of the eighteen places", () => {
    for (let place = 0; place < RIGHT.length; place += 1) {
      for (const character of ALPHABET) {
        if (character === RIGHT[place]) continue;
        const typed = RIGHT.slice(0, place) + character + RIGHT.slice(place + 1);
        expect(creditCodeFault(typed), typed).not.toBeNull();
      }
    }
  });

  test("two neighbours changed for each other are noticed", () => {
    for (let place = 0; place < RIGHT.length - 1; place += 1) {
      const [a, b] = [RIGHT.charAt(place), RIGHT.charAt(place + 1)];
      if (a === b) continue;
      const typed = RIGHT.slice(0, place) + b + a + RIGHT.slice(place + 2);
      expect(creditCodeFault(typed), typed).not.toBeNull();
    }
  });

  test("says how many characters there are where there are not eighteen", () => {
    expect(creditCodeFault("9135")).toContain("4 位");
    expect(creditCodeFault("")).toContain("0 位");
  });

  test.each(["I", "O", "S", "V", "Z", "中"])("no %s stands in one", (character) => {
    expect(creditCodeFault(`91350100M000100Y4${character}`)).not.toBeNull();
  });
});
