import fc from "fast-check"
import { expect, test } from "vitest"
import { aClause, anyRule, parts, said } from "../testing/rules"
import { duplicate, find, gapsFor, insert, move, nest, nextGap, remove, unnest } from "./changing"
import { type GroupNode, newGroup, readRule, type TreeNode } from "./tree"

/** A tree and one of its parts. */
const treeAndPart = fc
  .tuple(anyRule, fc.nat())
  .map(([rule, number]) => {
    const root = readRule(rule) as GroupNode
    const all = parts(root)
    return { root, part: all[number % Math.max(all.length, 1)] }
  })
  .filter((drawn): drawn is { root: GroupNode; part: TreeNode } => drawn.part !== undefined)

const ids = (node: TreeNode) => parts(node).map((part) => part.id)

test("a move keeps every part, and each inside of its group", () => {
  fc.assert(
    fc.property(treeAndPart, ({ root, part }) => {
      for (const gap of gapsFor(root, part.id)) {
        const moved = move(root, part.id, gap)
        expect(ids(moved).toSorted()).toEqual(ids(root).toSorted())
        expect(said(find(moved, part.id) as TreeNode)).toEqual(said(part))
      }
    }),
  )
})

test("one step up or down and back leaves everything as it was", () => {
  fc.assert(
    fc.property(treeAndPart, fc.constantFrom(-1 as const, 1 as const), ({ root, part }, step) => {
      const gap = nextGap(root, part.id, step)
      if (!gap) return
      const moved = move(root, part.id, gap)
      const back = nextGap(moved, part.id, step === 1 ? -1 : 1)
      expect(back).not.toBeNull()
      if (back) expect(ids(move(moved, part.id, back))).toEqual(ids(root))
    }),
  )
})

test("steps go into a group, through it and out again", () => {
  const [a, b, c] = [aClause("a"), aClause("b"), aClause("c")]
  const inner = newGroup([b])
  let root = newGroup([a, inner, c])
  const seen: string[] = []
  for (let gap = nextGap(root, a.id, 1); gap; gap = nextGap(root, a.id, 1)) {
    root = move(root, a.id, gap)
    seen.push(shape(root))
  }
  expect(seen).toEqual(["((ab)c)", "((ba)c)", "((b)ac)", "((b)ca)"])
})

function shape(node: TreeNode): string {
  if (node.kind === "group") return `(${node.children.map(shape).join("")})`
  return node.kind === "clause" ? String(node.data.field) : "?"
}

test("a group can't be moved into itself", () => {
  const inner = newGroup([aClause("a")])
  const root = newGroup([inner])
  expect(gapsFor(root, inner.id)).toEqual([])
  expect(move(root, inner.id, { parentId: inner.id, index: 0 })).toBe(root)
})

test("a duplicate says the same with ids of its own, and stands right after", () => {
  fc.assert(
    fc.property(treeAndPart, ({ root, part }) => {
      const [twice, copyId] = duplicate(root, part.id)
      expect(said(find(twice, copyId) as TreeNode)).toEqual(said(part))
      expect(new Set(ids(twice)).size).toBe(ids(twice).length)
      expect(said(remove(twice, copyId))).toEqual(said(root))
    }),
  )
})

test("what is put into a group and taken out of it is as before", () => {
  fc.assert(
    fc.property(treeAndPart, ({ root, part }) => {
      const nested = nest(root, part.id)
      const around = parts(nested).find((node) => node.kind === "group" && node.children[0]?.id === part.id)
      expect(said(unnest(nested, around?.id ?? ""))).toEqual(said(root))
    }),
  )
})

test("an id that isn't there changes nothing", () => {
  const root = newGroup([aClause("a")])
  expect(remove(root, "nothing")).toBe(root)
  expect(insert(root, { parentId: "nothing", index: 0 }, aClause("b"))).toBe(root)
})
