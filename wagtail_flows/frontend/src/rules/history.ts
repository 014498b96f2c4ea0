/** The edited rule, what it was before, and which part was made last (to put the focus there). */
import * as changing from "./changing"
import { type GroupNode, type Json, newGroup, type OpaqueNode, readRule, type TreeNode } from "./tree"

const MOST_STEPS_BACK = 50

export type Edited = {
  root: GroupNode | OpaqueNode
  past: (GroupNode | OpaqueNode)[]
  /** The part being typed into, letter by letter. */
  typingIn: string | null
  /** Where the focus is to go after this change; the number makes two requests for one place different. */
  focus: { id: string; part: "first" | "up" | "down" | "add"; number: number } | null
  /** Parts just made, whose problems aren't shown until the focus has left them. */
  fresh: ReadonlySet<string>
}

export type Change =
  | { do: "add"; parentId: string; node: TreeNode }
  | { do: "replace"; node: TreeNode; isTyping?: boolean }
  | { do: "match"; id: string; match: string }
  | { do: "duplicate" | "remove" | "nest" | "unnest" | "up" | "down" | "left"; id: string }
  | { do: "move"; id: string; gap: changing.Gap }
  | { do: "undo" }
  | { do: "startAnew" }
  | { do: "load"; rule: Json }

export function begin(rule: Json | undefined): Edited {
  return { root: readRule(rule), past: [], typingIn: null, focus: null, fresh: new Set() }
}

export function change(edited: Edited, wanted: Change): Edited {
  const { root } = edited
  if (wanted.do === "load") return begin(wanted.rule)
  if (wanted.do === "undo") return undone(edited)
  if (wanted.do === "startAnew") return after(edited, newGroup())
  if (root.kind === "opaque") return edited
  switch (wanted.do) {
    case "add": {
      const parent = changing.find(root, wanted.parentId)
      const index = parent?.kind === "group" ? parent.children.length : 0
      const next = changing.insert(root, { parentId: wanted.parentId, index }, wanted.node)
      return focused({ ...after(edited, next), fresh: new Set([...edited.fresh, wanted.node.id]) }, wanted.node.id)
    }
    case "replace":
      return after(edited, changing.replace(root, wanted.node), wanted.isTyping ? wanted.node.id : null)
    case "match":
      return after(edited, changing.setMatch(root, wanted.id, wanted.match))
    case "duplicate": {
      const [next, copyId] = changing.duplicate(root, wanted.id)
      return focused(after(edited, next), copyId)
    }
    case "remove":
      return removed(edited, root, wanted.id)
    case "nest":
      return focused(after(edited, changing.nest(root, wanted.id)), wanted.id)
    case "unnest":
      return unnested(edited, root, wanted.id)
    case "up":
    case "down":
      return stepped(edited, root, wanted.id, wanted.do)
    case "move":
      return focused(after(edited, changing.move(root, wanted.id, wanted.gap)), wanted.id)
    case "left":
      return left(edited, wanted.id)
  }
}

function after(edited: Edited, root: GroupNode | OpaqueNode, typingIn: string | null = null): Edited {
  if (root === edited.root) return edited
  // Letters typed into one part one after the other are one step back.
  const isSameTyping = typingIn !== null && edited.typingIn === typingIn
  const past = isSameTyping ? edited.past : [...edited.past, edited.root].slice(-MOST_STEPS_BACK)
  return { ...edited, root, past, typingIn, focus: null }
}

let requests = 0
function focused(edited: Edited, id: string, part: "first" | "up" | "down" | "add" = "first"): Edited {
  requests += 1
  return { ...edited, focus: { id, part, number: requests } }
}

function undone(edited: Edited): Edited {
  const before = edited.past.at(-1)
  return before ? { ...edited, root: before, past: edited.past.slice(0, -1), typingIn: null, focus: null } : edited
}

function removed(edited: Edited, root: GroupNode, id: string): Edited {
  const place = changing.placeOf(root, id)
  if (!place) return edited
  const next = changing.remove(root, id)
  const parent = changing.find(next, place.parentId)
  const beside = parent?.kind === "group" ? (parent.children[place.index] ?? parent.children.at(-1)) : undefined
  return beside ? focused(after(edited, next), beside.id) : focused(after(edited, next), place.parentId, "add")
}

function unnested(edited: Edited, root: GroupNode, id: string): Edited {
  const group = changing.find(root, id)
  const first = group?.kind === "group" ? group.children[0]?.id : undefined
  const place = changing.placeOf(root, id)
  const next = after(edited, changing.unnest(root, id))
  return first ? focused(next, first) : place ? focused(next, place.parentId, "add") : next
}

function stepped(edited: Edited, root: GroupNode, id: string, direction: "up" | "down"): Edited {
  const gap = changing.nextGap(root, id, direction === "up" ? -1 : 1)
  return gap ? focused(after(edited, changing.move(root, id, gap)), id, direction) : edited
}

function left(edited: Edited, id: string): Edited {
  if (!edited.fresh.has(id)) return edited
  return { ...edited, fresh: new Set([...edited.fresh].filter((other) => other !== id)) }
}
