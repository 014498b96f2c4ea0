/**
 * The tree that is edited: the rule's own JSON, with an id on each part so that React and the drag can follow it.
 *
 * Nothing is judged and nothing is lost here: `write(read(json))` is `json`, also where a part is unknown, wrong or of
 * another time. Whether a rule can be asked is the server's to say.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [name: string]: Json }

export type GroupNode = { kind: "group"; id: string; match: Json; children: TreeNode[]; rest: JsonObject }
export type ClauseNode = { kind: "clause"; id: string; data: JsonObject }
/** Something that is neither a group nor a clause; shown as it is. */
export type OpaqueNode = { kind: "opaque"; id: string; raw: Json }
export type TreeNode = GroupNode | ClauseNode | OpaqueNode

export const MATCHES = ["all", "any", "none"] as const

let made = 0
export function newId(): string {
  made += 1
  return `part-${made}`
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The tree of a rule. A rule that was never written (nothing, or `{}`) is a group of everybody. */
export function readRule(rule: Json | undefined): GroupNode | OpaqueNode {
  if (rule === undefined || rule === null || (isObject(rule) && Object.keys(rule).length === 0)) return newGroup()
  const node = readNode(rule)
  return node.kind === "clause" ? { kind: "opaque", id: node.id, raw: rule } : node
}

function readNode(json: Json): TreeNode {
  if (isObject(json) && "field" in json) return { kind: "clause", id: newId(), data: json }
  if (isObject(json) && "match" in json && Array.isArray(json.rules)) {
    const { match, rules, ...rest } = json
    return { kind: "group", id: newId(), match: match as Json, children: (rules as Json[]).map(readNode), rest }
  }
  return { kind: "opaque", id: newId(), raw: json }
}

/** The JSON of a tree, the same that was read. */
export function writeRule(node: TreeNode): Json {
  switch (node.kind) {
    case "group":
      return { match: node.match, rules: node.children.map(writeRule), ...node.rest }
    case "clause":
      return node.data
    case "opaque":
      return node.raw
  }
}

export function newGroup(children: TreeNode[] = []): GroupNode {
  return { kind: "group", id: newId(), match: "all", children, rest: {} }
}

export function newClause(data: JsonObject): ClauseNode {
  return { kind: "clause", id: newId(), data }
}
