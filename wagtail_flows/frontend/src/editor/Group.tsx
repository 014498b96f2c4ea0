import { Fragment, type ReactNode } from "react"
import { shown } from "../rules/clauses"
import { type Located, type Problem, problemsOf } from "../rules/problems"
import { type GroupNode, MATCHES, newClause, newGroup, type OpaqueNode, type TreeNode } from "../rules/tree"
import { Clause } from "./Clause"
import { GapTarget } from "./dragging"
import { type Marking, marking, useEditing } from "./editing"
import { Icon } from "./Icon"
import { Leftovers } from "./Leftovers"
import { Actions, Part } from "./Part"
import { Problems } from "./Problems"

export function matchLabel(match: string): string {
  const labels: Record<string, string> = {
    all: gettext("all of these hold"),
    any: gettext("at least one of these holds"),
    none: gettext("none of these holds"),
  }
  return labels[match] ?? match
}

type Tree = { isRoot?: boolean; problems: Located; fresh: ReadonlySet<string> }
type Props = Tree & { node: GroupNode; isFirst: boolean; isLast: boolean }

/** A group inside of another. */
export function Group(props: Props) {
  const { node, isFirst, isLast } = props
  const label = interpolate(gettext("Group: %(match)s"), { match: matchLabel(shown(node.match)) }, true)
  return (
    <Part node={node} className="flows-rule__group" label={label}>
      <GroupBody {...props}>
        <Actions {...{ node, isFirst, isLast }} />
      </GroupBody>
    </Part>
  )
}

/** How the group is matched, its parts with the gaps between them, and what can be added. */
export function GroupBody({
  node,
  isRoot = false,
  problems,
  fresh,
  children,
}: Tree & { node: GroupNode; children?: ReactNode }) {
  const { dispatch, isReadOnly, prefix } = useEditing()
  const problemsId = `${prefix}-problems-${node.id}`
  const own = fresh.has(node.id) ? [] : problemsOf(problems, node.id)
  return (
    <>
      <div className="flows-rule__line flows-rule__head">
        <MatchPicker {...{ node, isRoot }} marks={marking(own, "match", problemsId)} />
      </div>
      {children}
      <Problems problems={own} id={problemsId} />
      <Leftovers
        parts={node.rest}
        onRemove={(name) => {
          const rest = Object.fromEntries(Object.entries(node.rest).filter(([part]) => part !== name))
          dispatch({ do: "replace", node: { ...node, rest } })
        }}
      />
      <ul className="flows-rule__parts">
        {node.children.map((child, index) => (
          <Fragment key={child.id}>
            <GapTarget parentId={node.id} index={index} />
            <li>
              <TreePart
                node={child}
                {...{ problems, fresh }}
                isFirst={isRoot && index === 0}
                isLast={isRoot && index === node.children.length - 1}
              />
            </li>
          </Fragment>
        ))}
        <GapTarget parentId={node.id} index={node.children.length} />
      </ul>
      {!isReadOnly && <Adding id={node.id} />}
    </>
  )
}

type MatchProps = { node: GroupNode; isRoot: boolean; marks: Marking }

/** All, any or none; a match that nobody knows stays in the list as what it is. */
function MatchPicker({ node, isRoot, marks }: MatchProps) {
  const { dispatch, isReadOnly } = useEditing()
  const chosen = shown(node.match)
  const isKnown = MATCHES.some((match) => match === chosen)
  return (
    <select
      aria-label={gettext("People for whom")}
      value={chosen}
      disabled={isReadOnly}
      data-focus={isRoot ? undefined : `${node.id}:first`}
      onChange={(event) => dispatch({ do: "match", id: node.id, match: event.target.value })}
      {...marks}
    >
      {!isKnown && <option value={chosen}>{chosen}</option>}
      {MATCHES.map((match) => (
        <option value={match} key={match}>
          {matchLabel(match)}
        </option>
      ))}
    </select>
  )
}

function Adding({ id }: { id: string }) {
  const { dispatch } = useEditing()
  const add = (node: TreeNode) => dispatch({ do: "add", parentId: id, node })
  return (
    <div className="flows-rule__adding">
      <button
        type="button"
        className="button button-small button-secondary"
        data-focus={`${id}:add`}
        onClick={() => add(newClause({ field: "", operator: "" }))}
      >
        <Icon name="plus" /> {gettext("Add a condition")}
      </button>
      <button type="button" className="button button-small button-secondary" onClick={() => add(newGroup())}>
        <Icon name="folder" /> {gettext("Add a group")}
      </button>
    </div>
  )
}

const NONE: readonly Problem[] = []

function TreePart({
  node,
  problems,
  fresh,
  isFirst,
  isLast,
}: Tree & { node: TreeNode; isFirst: boolean; isLast: boolean }) {
  const own = problemsOf(problems, node.id)
  const shown = fresh.has(node.id) ? NONE : own
  if (node.kind === "group") return <Group {...{ node, problems, fresh, isFirst, isLast }} />
  if (node.kind === "clause") return <Clause {...{ node, isFirst, isLast }} problems={shown} />
  return <Opaque {...{ node, isFirst, isLast }} problems={shown} />
}

type OpaqueProps = { node: OpaqueNode; problems: readonly Problem[]; isFirst: boolean; isLast: boolean }

/** Something that nobody can read, shown as it is. */
function Opaque({ node, problems, isFirst, isLast }: OpaqueProps) {
  const { prefix } = useEditing()
  return (
    <Part node={node} className="flows-rule__clause" label={gettext("A part that can’t be read")}>
      <div className="flows-rule__line">
        <code data-focus={`${node.id}:first`} tabIndex={-1}>
          {JSON.stringify(node.raw)}
        </code>
      </div>
      <Actions {...{ node, isFirst, isLast }} />
      <Problems problems={problems} id={`${prefix}-problems-${node.id}`} />
    </Part>
  )
}
