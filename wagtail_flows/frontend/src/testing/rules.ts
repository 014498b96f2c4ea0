/** Rules of any shape, for the tests: good ones, and any other JSON in the place of any part. */
import fc from "fast-check"
import { type Json, newId, type TreeNode, writeRule } from "../rules/tree"

export const anyJson = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>

const clause = fc.record(
  { field: anyJson, operator: fc.string(), value: anyJson, options: anyJson, more: anyJson },
  { requiredKeys: ["field"] },
)

const { group } = fc.letrec<{ group: Json; part: Json }>((tie) => ({
  part: fc.oneof(
    { weight: 4, arbitrary: clause as fc.Arbitrary<Json> },
    { weight: 2, arbitrary: tie("group") },
    anyJson,
  ),
  group: fc.record(
    {
      match: fc.oneof(fc.constantFrom("all", "any", "none"), anyJson),
      rules: fc.array(tie("part"), { maxLength: 4 }),
      more: anyJson,
    },
    { requiredKeys: ["match", "rules"] },
  ) as fc.Arbitrary<Json>,
}))

export const anyRule: fc.Arbitrary<Json> = group

/** What a tree says, without its ids. */
export function said(node: TreeNode): Json {
  return writeRule(node)
}

/** Every part below a node, in reading order. */
export function parts(node: TreeNode): TreeNode[] {
  return node.kind === "group" ? node.children.flatMap((child) => [child, ...parts(child)]) : []
}

export function aClause(field: string): TreeNode {
  return { kind: "clause", id: newId(), data: { field } }
}
