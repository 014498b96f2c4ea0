import type { KeyboardEvent, ReactNode } from "react"
import type { TreeNode } from "../rules/tree"
import { Handle } from "./dragging"
import { useEditing } from "./editing"
import { IconButton } from "./Icon"

/** The buttons of a part: drag, up, down, duplicate, into a group or out of it, remove. */
export function Actions({ node, isFirst, isLast }: { node: TreeNode; isFirst: boolean; isLast: boolean }) {
  const { dispatch, isReadOnly } = useEditing()
  if (isReadOnly) return null
  const { id } = node
  const isGroup = node.kind === "group"
  return (
    <div className="flows-rule__actions">
      <IconButton
        icon="arrow-up"
        label={gettext("Move up")}
        focusName={`${id}:up`}
        isOff={isFirst}
        onClick={() => dispatch({ do: "up", id })}
      />
      <IconButton
        icon="arrow-down"
        label={gettext("Move down")}
        focusName={`${id}:down`}
        isOff={isLast}
        onClick={() => dispatch({ do: "down", id })}
      />
      <IconButton icon="copy" label={gettext("Duplicate")} onClick={() => dispatch({ do: "duplicate", id })} />
      {isGroup ? (
        <IconButton
          icon="folder-open-1"
          label={gettext("Dissolve this group")}
          onClick={() => dispatch({ do: "unnest", id })}
        />
      ) : (
        <IconButton icon="folder" label={gettext("Put into a group")} onClick={() => dispatch({ do: "nest", id })} />
      )}
      <IconButton
        icon="bin"
        label={isGroup ? gettext("Remove this group") : gettext("Remove this condition")}
        onClick={() => dispatch({ do: "remove", id })}
      />
    </div>
  )
}

type PartProps = { node: TreeNode; className: string; label: string; problemsId?: string; children: ReactNode }

/** The frame of a part: its handle, its name for assistive technology, and Alt with an arrow to move it. */
export function Part({ node, className, label, children }: PartProps) {
  const { dispatch, isReadOnly } = useEditing()
  function onKeyDown(event: KeyboardEvent): void {
    if (!event.altKey || isReadOnly || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return
    event.preventDefault()
    event.stopPropagation()
    dispatch({ do: event.key === "ArrowUp" ? "up" : "down", id: node.id })
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: Wagtail styles fieldsets as parts of the page's form
    <div
      role="group"
      aria-label={label}
      className={className}
      onKeyDown={onKeyDown}
      onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || dispatch({ do: "left", id: node.id })}
    >
      {!isReadOnly && <Handle id={node.id} label={label} />}
      {children}
    </div>
  )
}
