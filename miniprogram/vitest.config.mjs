import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // The first test of a file compiles the mini program.
    testTimeout: 30_000,
  },
});
