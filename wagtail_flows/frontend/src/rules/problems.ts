import type { TreeNode } from "./tree"

/** What the server says is wrong, and where: `step` is the path of a part ("" the whole, "0.2" the third of the first). */
export type Problem = { step: string; field: string; code: string; text: string; is_warning: boolean }

export type Located = ReadonlyMap<string, readonly Problem[]>

const NONE: readonly Problem[] = []

export function problemsOf(located: Located, id: string): readonly Problem[] {
  return located.get(id) ?? NONE
}

/** The problems by the id of the part they are about, so that they stay with it while it moves. Those without one are
 * the root's. */
export function locate(root: TreeNode, problems: readonly Problem[]): Located {
  const located = new Map<string, Problem[]>()
  for (const problem of problems) {
    const { id } = at(root, problem.step) ?? root
    located.set(id, [...(located.get(id) ?? []), problem])
  }
  return located
}

function at(root: TreeNode, path: string): TreeNode | undefined {
  const numbers = path === "" ? [] : path.split(".").map(Number)
  return numbers.reduce<TreeNode | undefined>((node, index) => {
    return node?.kind === "group" ? node.children[index] : undefined
  }, root)
}
