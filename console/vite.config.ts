import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const OPERATOR_API = "http://127.0.0.1:8001";

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    outDir: "../src/wxlogin/console/static",
    emptyOutDir: true,
    // The Content-Security-Policy allows no inline script or font, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // One file of ours and one of others': a console left open over an upgrade misses no page.
    cssCodeSplit: false,
    chunkSizeWarningLimit: 1024,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "vendor", test: /node_modules/ }] } },
    },
  },
  server: { host: "127.0.0.1", proxy: { "/v1/admin": OPERATOR_API } },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    env: { TZ: "Asia/Shanghai" },
  },
});
