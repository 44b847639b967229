import { defineConfig } from "vitest/config";

const built = new URL("./miniprogram_dist/index.js", import.meta.url).pathname;

export default defineConfig({
  test: {
    environment: "node",
    projects: [
      { extends: true, test: { name: "sources", include: ["tests/*.test.ts"] } },
      {
        // What is published is another text than the sources: it must keep the same promises.
        extends: true,
        resolve: { alias: [{ find: /^\.\.\/src\/index$/, replacement: built }] },
        test: {
          name: "built",
          include: ["tests/*.test.ts"],
          exclude: ["tests/twins.test.ts"],
        },
      },
    ],
  },
});
