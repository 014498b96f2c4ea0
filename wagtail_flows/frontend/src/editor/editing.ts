/** What every part of the editor may ask for, without handing it down through each level. */
import { createContext, useContext } from "react"
import type { References } from "../asking/references"
import type { Catalogue } from "../rules/catalogue"
import type { Change } from "../rules/history"
import type { Problem } from "../rules/problems"

export type Editing = {
  catalogue: Catalogue
  references: References | null
  isReadOnly: boolean
  dispatch: (change: Change) => void
  /** Begins the ids of this editor's elements, so that two editors can stand on one page. */
  prefix: string
}

export const EditingContext = createContext<Editing | null>(null)

export function useEditing(): Editing {
  const editing = useContext(EditingContext)
  if (!editing) throw new Error("A part of the rule editor stands outside of it.")
  return editing
}

/** What ties an input to its problems, for whoever can't see that they stand below it. */
export type Marking = { "aria-invalid"?: true; "aria-describedby"?: string }

export function marking(problems: readonly Problem[], field: string, describedBy: string): Marking {
  const isWrong = problems.some((problem) => problem.field === field)
  return isWrong ? { "aria-invalid": true, "aria-describedby": describedBy } : {}
}
