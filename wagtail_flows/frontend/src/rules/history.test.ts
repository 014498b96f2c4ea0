import fc from "fast-check"
import { expect, test } from "vitest"
import { anyRule, parts } from "../testing/rules"
import { begin, type Change, change, type Edited } from "./history"
import { locate } from "./problems"
import { newClause, writeRule } from "./tree"

const CHANGES = ["duplicate", "remove", "nest", "unnest", "up", "down"] as const

function changedAt(edited: Edited, name: (typeof CHANGES)[number], number: number): Change {
  const all = parts(edited.root)
  return { do: name, id: all[number % Math.max(all.length, 1)]?.id ?? "" }
}

test("every change can be undone, one by one, to where it began", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...CHANGES), fc.nat()), { maxLength: 12 })
  fc.assert(
    fc.property(anyRule, steps, (rule, wanted) => {
      let edited = begin(rule)
      for (const [name, number] of wanted) edited = change(edited, changedAt(edited, name, number))
      while (edited.past.length > 0) edited = change(edited, { do: "undo" })
      expect(writeRule(edited.root)).toEqual(rule)
    }),
  )
})

test("letters typed one after the other are one step back", () => {
  let edited = begin({ match: "all", rules: [{ field: "a", value: "" }] })
  const [node] = parts(edited.root)
  if (node?.kind !== "clause") throw new Error("no clause")
  for (const value of ["f", "fr"]) {
    edited = change(edited, { do: "replace", node: { ...node, data: { field: "a", value } }, isTyping: true })
  }
  expect(edited.past).toHaveLength(1)
  expect(writeRule(change(edited, { do: "undo" }).root)).toEqual({ match: "all", rules: [{ field: "a", value: "" }] })
})

test("a new condition has the focus, and is fresh until it is left", () => {
  const node = newClause({ field: "", operator: "" })
  const start = begin({})
  const added = change(start, { do: "add", parentId: start.root.id, node })
  expect(added.focus?.id).toBe(node.id)
  expect([...added.fresh]).toEqual([node.id])
  expect(change(added, { do: "left", id: node.id }).fresh.size).toBe(0)
})

test("what is removed hands the focus to its neighbour, and the last one to the group", () => {
  const edited = begin({ match: "all", rules: [{ field: "a" }, { field: "b" }] })
  const [a, b] = parts(edited.root)
  const one = change(edited, { do: "remove", id: a?.id ?? "" })
  expect(one.focus?.id).toBe(b?.id)
  const none = change(one, { do: "remove", id: b?.id ?? "" })
  expect(none.focus).toMatchObject({ id: edited.root.id, part: "add" })
})

test("problems stay with the part they are about; those of no part are the whole rule's", () => {
  const { root } = begin({ match: "all", rules: [{ field: "a" }, { match: "any", rules: [{ field: "b" }] }] })
  const problem = (step: string) => ({ step, field: "", code: "c", text: step, is_warning: false })
  const located = locate(root, [problem(""), problem("0"), problem("1.0"), problem("7.7")])
  const [a, group, b] = parts(root)
  expect(located.get(a?.id ?? "")?.[0]?.text).toBe("0")
  expect(located.get(b?.id ?? "")?.[0]?.text).toBe("1.0")
  expect(located.get(group?.id ?? "")).toBeUndefined()
  expect(located.get(root.id)?.map(({ text }) => text)).toEqual(["", "7.7"])
})
