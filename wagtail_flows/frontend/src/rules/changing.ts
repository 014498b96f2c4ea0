/** Changes of a tree. Each returns a new tree and shares what it didn't touch; an id that isn't there changes nothing. */
import { type GroupNode, newGroup, newId, type TreeNode } from "./tree"

/** A gap between the parts of a group: where something can be put. */
export type Gap = { parentId: string; index: number }

export function find(node: TreeNode, id: string): TreeNode | null {
  if (node.id === id) return node
  if (node.kind !== "group") return null
  for (const child of node.children) {
    const found = find(child, id)
    if (found) return found
  }
  return null
}

/** Where a part stands: its group and its number there. The root stands nowhere. */
export function placeOf(root: TreeNode, id: string): Gap | null {
  if (root.kind !== "group") return null
  const index = root.children.findIndex((child) => child.id === id)
  if (index >= 0) return { parentId: root.id, index }
  for (const child of root.children) {
    const place = placeOf(child, id)
    if (place) return place
  }
  return null
}

function mapGroup(node: GroupNode, id: string, change: (group: GroupNode) => GroupNode): GroupNode {
  if (node.id === id) return change(node)
  let isTouched = false
  const children = node.children.map((child) => {
    const changed = child.kind === "group" ? mapGroup(child, id, change) : child
    isTouched ||= changed !== child
    return changed
  })
  return isTouched ? { ...node, children } : node
}

/** Replace one part by others; by none, it is removed. */
function exchange(root: GroupNode, id: string, parts: (node: TreeNode) => TreeNode[]): GroupNode {
  const place = placeOf(root, id)
  if (!place) return root
  return mapGroup(root, place.parentId, (group) => ({
    ...group,
    children: group.children.flatMap((child) => (child.id === id ? parts(child) : [child])),
  }))
}

export function insert(root: GroupNode, gap: Gap, node: TreeNode): GroupNode {
  return mapGroup(root, gap.parentId, (group) => ({
    ...group,
    children: [...group.children.slice(0, gap.index), node, ...group.children.slice(gap.index)],
  }))
}

export function remove(root: GroupNode, id: string): GroupNode {
  return exchange(root, id, () => [])
}

export function replace(root: GroupNode, node: TreeNode): GroupNode {
  return node.id === root.id && node.kind === "group" ? node : exchange(root, node.id, () => [node])
}

export function setMatch(root: GroupNode, id: string, match: string): GroupNode {
  return mapGroup(root, id, (group) => ({ ...group, match }))
}

/** The same part again right after it, with ids of its own. */
export function duplicate(root: GroupNode, id: string): [GroupNode, string] {
  const original = find(root, id)
  if (!original || original === root) return [root, id]
  const copy = renewed(original)
  return [exchange(root, id, (node) => [node, copy]), copy.id]
}

function renewed(node: TreeNode): TreeNode {
  if (node.kind !== "group") return { ...node, id: newId() }
  return { ...node, id: newId(), children: node.children.map(renewed) }
}

/** Put a part into a new group of its own, in its place. */
export function nest(root: GroupNode, id: string): GroupNode {
  return exchange(root, id, (node) => [newGroup([node])])
}

/** Put the parts of a group in its place. */
export function unnest(root: GroupNode, id: string): GroupNode {
  return exchange(root, id, (node) => (node.kind === "group" ? node.children : [node]))
}

/**
 * Every gap that a part can move to, in reading order: not inside itself, and without the two at its sides, which would
 * change nothing.
 */
export function gapsFor(root: GroupNode, movingId: string): Gap[] {
  return gaps(root, movingId).filter((gap) => gap !== null)
}

// null marks where the part itself stands.
function gaps(group: GroupNode, movingId: string): (Gap | null)[] {
  const own = group.children.findIndex((child) => child.id === movingId)
  return [...group.children, null].flatMap((child, index) => {
    const here = own >= 0 && (index === own || index === own + 1) ? null : { parentId: group.id, index }
    const isWithin = child?.kind === "group" && child.id !== movingId
    const marks = index === own + 1 && own >= 0 ? [] : [here]
    return isWithin ? [...marks, ...gaps(child, movingId)] : marks
  })
}

/** The gap one step up or down in reading order, into and out of groups; null at either end. */
export function nextGap(root: GroupNode, id: string, step: -1 | 1): Gap | null {
  const all = gaps(root, id)
  const own = all.indexOf(null)
  return own < 0 ? null : (all[own + step] ?? null)
}

/** Move a part into a gap (numbered before the move). A gap inside of the part itself changes nothing. */
export function move(root: GroupNode, id: string, gap: Gap): GroupNode {
  const node = find(root, id)
  const from = placeOf(root, id)
  if (!node || !from || find(node, gap.parentId)) return root
  const isShifted = from.parentId === gap.parentId && from.index < gap.index
  return insert(remove(root, id), { ...gap, index: isShifted ? gap.index - 1 : gap.index }, node)
}

/** How many conditions a part holds. */
export function countClauses(node: TreeNode): number {
  return node.kind === "group" ? node.children.reduce((sum, child) => sum + countClauses(child), 0) : 1
}
