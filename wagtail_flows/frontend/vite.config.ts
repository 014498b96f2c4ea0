import { defineConfig } from "vitest/config"

// One plain script and one style sheet, named without hashes: Django's static files storage adds its own. Neither may
// refer to another file, or that storage would look for it.
export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "../static/wagtail_flows/dist",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    cssTarget: "es2022",
    lib: {
      entry: "src/wagtail/main.ts",
      formats: ["iife"],
      name: "wagtailFlowsRuleEditor",
      fileName: () => "rule-editor.js",
      cssFileName: "rule-editor",
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
})
