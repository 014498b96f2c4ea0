import fc from "fast-check"
import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { beforeAll, expect, test, vi } from "vitest"
import type { Catalogue } from "../rules/catalogue"
import type { Json } from "../rules/tree"
import { anyRule } from "../testing/rules"
import { RuleEditor } from "./RuleEditor"

const catalogue: Catalogue = {
  fields: [
    { name: "born_on", label: "birthday", group: "Contact", type: "date", choices: [], refers_to: "", options: [] },
    { name: "in", label: "list", group: "Lists", type: "membership", choices: [], refers_to: "list", options: [] },
  ],
  operators: {
    date: [
      { name: "month_is", label: "is in the month of", operand: "month" },
      { name: "between", label: "is between", operand: "two" },
    ],
    membership: [{ name: "in_any_of", label: "in any of", operand: "many" }],
  },
}

beforeAll(() => {
  vi.stubGlobal("gettext", (text: string) => text)
  vi.stubGlobal("interpolate", (text: string, values: Record<string, unknown>) =>
    text.replace(/%\((\w+)\)s/g, (_, name: string) => String(values[name])),
  )
  vi.stubGlobal("document", { documentElement: { lang: "fr" } })
})

function shown(rule: Json, more: { isReadOnly?: boolean } = {}): string {
  return renderToStaticMarkup(
    createElement(RuleEditor, { rule, catalogue, urls: { count: "", references: "" }, ...more }),
  )
}

const within = (field: string, operator: string, value: Json): Json => ({
  match: "all",
  rules: [{ field, operator, value }],
})

test("any rule at all can be shown", () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      expect(shown(rule)).toContain("flows-rule")
    }),
    { numRuns: 40 },
  )
})

test("what only may be read has no buttons, and nothing that can be written into", () => {
  const markup = shown(within("in", "in_any_of", ["5f0c"]), { isReadOnly: true })
  expect(markup).not.toContain("<button")
  expect(markup).toContain("5f0c")
  for (const [input] of markup.matchAll(/<(input|select)[^>]*>/g)) expect(input).toMatch(/readonly|disabled/i)
})

test("a field that is gone is shown by its name, with all that was asked of it", () => {
  const markup = shown(within("gone", "was", "five"))
  for (const part of ["gone", "operator: was", "value: five"]) expect(markup).toContain(part)
})

test("months have the names of the reader’s language", () => {
  expect(shown(within("born_on", "month_is", 2))).toMatch(/<option value="2" selected="">février/)
})

test("days are chosen from a calendar, and what is no day stays as it was written", () => {
  const markup = shown(within("born_on", "between", ["2024-02-01", "soon"]))
  expect(markup).toMatch(/type="date"[^>]*value="2024-02-01"/)
  expect(markup).toMatch(/type="text"[^>]*value="soon"/)
})
