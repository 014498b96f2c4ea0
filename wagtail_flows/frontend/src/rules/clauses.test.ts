import { expect, test } from "vitest"
import type { Catalogue, Field, FieldType } from "./catalogue"
import { chooseField, chooseOperator, readDecimal, readWhole, shown, withOneOfTwo, withOption } from "./clauses"

function field(name: string, type: FieldType, more: Partial<Field> = {}): Field {
  return { name, type, label: name, group: "", choices: [], refers_to: "", options: [], ...more }
}

const within = { name: "within_days", kind: "days" as const, label: "", choices: [], refers_to: "", is_required: false }
const catalogue: Catalogue = {
  fields: [
    field("first", "text"),
    field("last", "text"),
    field("news", "membership", { refers_to: "list", options: [within] }),
    field("inside", "membership", { refers_to: "scenario", options: [within] }),
  ],
  operators: {
    text: [
      { name: "is", label: "is", operand: "one" },
      { name: "is_one_of", label: "is one of", operand: "many" },
      { name: "is_set", label: "is known", operand: "none" },
    ],
    membership: [{ name: "in_any_of", label: "in any of", operand: "many" }],
  },
}

test("another field of the same kind keeps the comparison and the value", () => {
  const clause = { field: "first", operator: "is", value: "Anna" }
  expect(chooseField(clause, "last", catalogue)).toEqual({ ...clause, field: "last" })
})

test("a field that refers to other things loses the value and keeps the options it knows", () => {
  const clause = { field: "news", operator: "in_any_of", value: ["5f0c"], options: { within_days: 3, page: "1" } }
  const chosen = { field: "inside", operator: "in_any_of", options: { within_days: 3 } }
  expect(chooseField(clause, "inside", catalogue)).toEqual(chosen)
})

test("a field of another type gets the first comparison of that type", () => {
  expect(chooseField({ field: "first", operator: "is", value: "x" }, "news", catalogue)).toEqual({
    field: "news",
    operator: "in_any_of",
  })
})

test.each([
  ["is", "Anna", "is_one_of", ["Anna"]],
  ["is_one_of", ["Anna", "Bob"], "is", "Anna"],
  ["is", "Anna", "is_set", undefined],
  ["is_set", undefined, "is", undefined],
])("from “%s” %j to “%s” the value becomes %j", (before, value, after, expected) => {
  const clause = { field: "first", operator: before, ...(value === undefined ? {} : { value }) }
  expect(chooseOperator(clause, after, catalogue).value).toEqual(expected)
})

test("the last option that is taken away takes the options along", () => {
  const clause = { field: "news", operator: "in_any_of", options: { within_days: 3 } }
  expect(withOption(clause, "within_days", undefined)).toEqual({ field: "news", operator: "in_any_of" })
})

test.each([
  ["30", 30],
  [" 7 ", 7],
  ["", undefined],
  ["3.5", "3.5"],
  ["many", "many"],
  ["9".repeat(40), "9".repeat(40)],
])("the whole number “%s” is written as %j", (text, expected) => {
  expect(readWhole(text)).toBe(expected)
})

test.each([
  ["12.50", "12.50"],
  ["12,50", "12.50"],
  ["1 234,5", "1234.5"],
  ["0.1", "0.1"],
  ["12,", "12,"],
  ["", undefined],
])("the decimal “%s” is written as %j, exactly", (text, expected) => {
  expect(readDecimal(text)).toBe(expected)
})

test("an interval keeps both places until both are empty", () => {
  expect(withOneOfTwo(undefined, 1, "9")).toEqual(["", "9"])
  expect(withOneOfTwo(["1", "9"], 0, undefined)).toEqual(["", "9"])
  expect(withOneOfTwo(["", "9"], 1, undefined)).toBeUndefined()
})

test("a value of another shape is shown as what it is", () => {
  expect(shown({ a: [1] })).toBe('{"a":[1]}')
})
