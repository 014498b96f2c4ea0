import fc from "fast-check"
import { expect, test } from "vitest"
import { anyJson, anyRule, parts } from "../testing/rules"
import { isObject, readRule, writeRule } from "./tree"

test("a rule that is read and written is the same, whatever is in it", () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      expect(writeRule(readRule(rule))).toEqual(rule)
    }),
  )
})

test("anything at all is kept as it is", () => {
  const written = anyJson.filter((json) => json !== null && !(isObject(json) && Object.keys(json).length === 0))
  fc.assert(
    fc.property(written, (json) => {
      expect(writeRule(readRule(json))).toEqual(json)
    }),
  )
})

test("every part has an id of its own", () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      const ids = parts(readRule(rule)).map((part) => part.id)
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})

test.each([undefined, null, {}])("a rule that was never written (%j) asks for everybody", (rule) => {
  expect(writeRule(readRule(rule))).toEqual({ match: "all", rules: [] })
})

test("a clause alone is no rule, and is shown as it is", () => {
  expect(readRule({ field: "contact.locale", operator: "is_set" }).kind).toBe("opaque")
})
