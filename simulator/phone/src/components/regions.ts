/** `<picker mode="region">`: a few places to try it with; a real phone has all of them. */

import type { BuiltInElement } from "../host/built_in";
import { notice } from "./notice";
import type { PickerModel } from "./picker_modes";

type Place = { name: string; code: string; postcode?: string; within?: Place[] };

const district = (code: string, name: string, postcode: string): Place => ({
  name,
  code,
  postcode,
});

const PLACES: Place[] = [
  {
    name: "北京市",
    code: "110000",
    within: [
      {
        name: "北京市",
        code: "110100",
        within: [
          district("110101", "东城区", "100010"),
          district("110105", "朝阳区", "100020"),
          district("110108", "海淀区", "100080"),
        ],
      },
    ],
  },
  {
    name: "上海市",
    code: "310000",
    within: [
      {
        name: "上海市",
        code: "310100",
        within: [
          district("310101", "黄浦区", "200001"),
          district("310104", "徐汇区", "200030"),
          district("310115", "浦东新区", "200120"),
        ],
      },
    ],
  },
  {
    name: "浙江省",
    code: "330000",
    within: [
      {
        name: "杭州市",
        code: "330100",
        within: [district("330102", "上城区", "310002"), district("330106", "西湖区", "310013")],
      },
    ],
  },
  {
    name: "广东省",
    code: "440000",
    within: [
      {
        name: "广州市",
        code: "440100",
        within: [district("440105", "海珠区", "510220"), district("440106", "天河区", "510630")],
      },
      {
        name: "深圳市",
        code: "440300",
        within: [district("440304", "福田区", "518033"), district("440305", "南山区", "518052")],
      },
    ],
  },
];

const LEVELS: Record<string, number> = { province: 1, city: 2, region: 3, "sub-district": 3 };
let isTold = false;

export function regionModel(self: BuiltInElement): PickerModel {
  const depth = LEVELS[String(self.get("level"))] ?? 3;
  const custom = String(self.get("customItem"));
  const extra: Place[] = custom ? [{ name: custom, code: "", within: [] }] : [];

  const columnsAt = (chosen: number[]): Place[][] => {
    const columns: Place[][] = [];
    let places: Place[] = PLACES;
    for (let column = 0; column < depth; column += 1) {
      const rows = [...extra, ...places];
      columns.push(rows);
      places = rows[chosen[column] ?? 0]?.within ?? [];
    }
    return columns;
  };
  const given = self.get("value");
  const names = Array.isArray(given) ? given.map(String) : [];
  const start: number[] = [];
  for (let column = 0; column < depth; column += 1) {
    const rows = columnsAt(start)[column] ?? [];
    start.push(
      Math.max(
        0,
        rows.findIndex(({ name }) => name === names[column]),
      ),
    );
  }

  const model: PickerModel = {
    columns: () => columnsAt(model.chosen).map((rows) => rows.map(({ name }) => name)),
    chosen: start,
    move(column, index) {
      model.chosen = model.chosen.map((each, at) =>
        at < column ? each : at === column ? index : 0,
      );
    },
    detail() {
      const places = columnsAt(model.chosen).flatMap(
        (rows, at) => rows[model.chosen[at] ?? 0] ?? [],
      );
      const postcode = places.at(-1)?.postcode;
      if (!isTold) notice(self, "模拟手机只有几个示例地区；真机有全部省市区。");
      isTold = true;
      return {
        value: places.map(({ name }) => name),
        code: places.map(({ code }) => code),
        ...(postcode && { postcode }),
      };
    },
    empty: [],
    reread() {},
  };
  return model;
}
