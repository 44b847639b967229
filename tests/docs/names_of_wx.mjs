// Prints the names of everything that the `wx` of the phone in the browser has, one a line.
// Nothing of it is called, so what stands around it need only be there.
import { build } from "esbuild";

const anything = new Proxy(() => anything, { get: () => anything });

const { outputFiles } = await build({
  entryPoints: ["simulator/phone/src/wx/create.ts"],
  bundle: true,
  format: "esm",
  write: false,
});
const text = Buffer.from(outputFiles[0].contents).toString("base64");
const { createWx } = await import(`data:text/javascript;base64,${text}`);
const config = { app_id: "wx", env_version: "develop", sim: "/sim", forward: {}, label: "" };
const parts = { shell: anything, host: anything, window: anything, tell: anything };
const holder = { user: "ann", device: "phone-1", dark: false };
const { wx } = createWx({ config, holder, ...parts });
for (const name of Object.keys(wx)) {
  const inner = name === "cloud" ? Object.keys(wx.cloud) : [];
  console.log(inner.map((each) => `${name}.${each}`).join("\n") || name);
}
