import { type KeyboardEvent, useEffect, useId, useMemo, useReducer, useRef, useState } from "react"
import { Counter, type CountState, countAt } from "../asking/counting"
import { References } from "../asking/references"
import type { Catalogue } from "../rules/catalogue"
import { begin, change } from "../rules/history"
import { locate, type Problem, problemsOf } from "../rules/problems"
import { type Json, type TreeNode, writeRule } from "../rules/tree"
import { Dragging } from "./dragging"
import { type Editing, EditingContext } from "./editing"
import { GroupBody } from "./Group"
import { Icon } from "./Icon"
import { LiveCount } from "./LiveCount"
import { Problems } from "./Problems"

export type RuleEditorProps = {
  rule: Json | undefined
  catalogue: Catalogue
  /** `count`: the view that counts ("" for no live count); `references`: the view of things, `__kind__` for the kind. */
  urls: { count: string; references: string }
  problems?: readonly Problem[]
  /** The public id of the segment being edited. */
  segment?: string
  onChange?: (rule: Json) => void
  isReadOnly?: boolean
}

const NO_PROBLEMS: readonly Problem[] = []
const NOT_ASKED = { isAsking: false, counted: null, asked: null, failure: null }

/** A rule, edited. It judges nothing itself: it shows what the server says of it. */
export function RuleEditor({
  rule,
  catalogue,
  urls,
  problems = NO_PROBLEMS,
  segment = "",
  onChange,
  isReadOnly = false,
}: RuleEditorProps) {
  const [edited, dispatch] = useReducer(change, rule, begin)
  const prefix = `flows-rule${useId()}`
  const frame = useRef<HTMLDivElement>(null)
  const references = useMemo(() => (urls.references ? new References(urls.references) : null), [urls.references])
  const editing = useMemo<Editing>(
    () => ({ catalogue, references, isReadOnly, dispatch, prefix }),
    [catalogue, references, isReadOnly, prefix],
  )
  const { root } = edited
  const written = useMemo(() => writeRule(root), [root])
  useTelling(root, written, onChange)
  const [state, recount] = useCount(urls.count, segment, root, written)

  const { focus } = edited
  useEffect(() => {
    if (focus) frame.current?.querySelector<HTMLElement>(`[data-focus="${focus.id}:${focus.part}"]`)?.focus()
  }, [focus])

  const [first] = useState(root)
  const { counted, asked } = state
  const located = useMemo(
    () => (counted && asked ? locate(asked, counted.problems) : locate(first, problems)),
    [counted, asked, first, problems],
  )
  return (
    <EditingContext value={editing}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps Enter from sending the form around it */}
      <div className="flows-rule" ref={frame} onKeyDown={keepEnter}>
        {root.kind === "group" ? (
          <Dragging root={root}>
            <div className="flows-rule__root">
              <p className="flows-rule__intro">{gettext("People for whom")}</p>
              <GroupBody node={root} isRoot problems={located} fresh={edited.fresh} />
            </div>
          </Dragging>
        ) : (
          <div className="flows-rule__root">
            <code>{JSON.stringify(root.raw)}</code>
            <Problems problems={problemsOf(located, root.id)} id={`${prefix}-problems`} />
            {!isReadOnly && (
              <button type="button" className="button button-small" onClick={() => dispatch({ do: "startAnew" })}>
                {gettext("Start anew")}
              </button>
            )}
          </div>
        )}
        {!isReadOnly && edited.past.length > 0 && (
          <button type="button" className="flows-rule__quiet" onClick={() => dispatch({ do: "undo" })}>
            <Icon name="rotate" />
            {gettext("Undo")}
          </button>
        )}
        {urls.count && <LiveCount state={state} onRetry={recount} />}
      </div>
    </EditingContext>
  )
}

function keepEnter(event: KeyboardEvent): void {
  if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault()
}

/** Tell of each change, but not of what was there from the start. */
function useTelling(root: TreeNode, written: Json, onChange: ((rule: Json) => void) | undefined): void {
  const told = useRef(root)
  const tell = useRef(onChange)
  useEffect(() => {
    tell.current = onChange
  })
  useEffect(() => {
    if (told.current === root) return
    told.current = root
    tell.current?.(written)
  }, [root, written])
}

function useCount(url: string, segment: string, root: TreeNode, written: Json): [CountState<TreeNode>, () => void] {
  const [state, setState] = useState<CountState<TreeNode>>(NOT_ASKED)
  const counter = useMemo(() => (url ? new Counter<TreeNode>(countAt(url, segment), setState) : null), [url, segment])
  const isFirst = useRef(true)
  useEffect(() => {
    counter?.want(written, root, isFirst.current ? 0 : undefined)
    isFirst.current = false
  }, [counter, root, written])
  useEffect(() => () => counter?.stop(), [counter])
  return [state, () => counter?.want(written, root, 0)]
}
