import {
  type Active,
  type Announcements,
  type CollisionDetection,
  closestCenter,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  type KeyboardCoordinateGetter,
  KeyboardSensor,
  PointerSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core"
import { createContext, type ReactNode, useContext, useMemo, useState } from "react"
import { type Gap, gapsFor } from "../rules/changing"
import type { GroupNode } from "../rules/tree"
import { useEditing } from "./editing"
import { Icon } from "./Icon"

function gapName(gap: Gap): string {
  return `${gap.parentId} ${gap.index}`
}

/** The gaps that what is being dragged may go to; none while nothing is dragged. */
const OpenGaps = createContext<ReadonlySet<string>>(new Set())

/** The end and the indentation of a gap say which one is meant: the pointer's height first, then how far in it is. */
const closestGap: CollisionDetection = (asked) => {
  const { pointerCoordinates: pointer, droppableContainers, droppableRects, collisionRect } = asked
  const at = pointer ?? { x: collisionRect.left, y: collisionRect.top + collisionRect.height / 2 }
  if (droppableContainers.length === 0) return closestCenter(asked)
  const distances = droppableContainers.flatMap((gap) => {
    const rect = droppableRects.get(gap.id)
    if (!rect) return []
    const value = Math.abs(rect.top + rect.height / 2 - at.y) + 0.2 * Math.abs(rect.left - at.x)
    return [{ id: gap.id, data: { droppableContainer: gap, value } }]
  })
  return distances.sort((one, other) => one.data.value - other.data.value).slice(0, 1)
}

/** An arrow goes to the next gap, wherever it is. */
const toNextGap: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const step = event.code === "ArrowDown" ? 1 : event.code === "ArrowUp" ? -1 : 0
  if (step === 0) return undefined
  event.preventDefault()
  const { collisionRect, droppableContainers, droppableRects, over } = context
  if (!collisionRect) return undefined
  const rects = droppableContainers
    .getEnabled()
    .flatMap((gap) => {
      const rect = droppableRects.get(gap.id)
      return rect ? [{ id: gap.id, x: rect.left, y: rect.top + rect.height / 2 }] : []
    })
    .sort((one, other) => one.y - other.y)
  const middle = currentCoordinates.y + collisionRect.height / 2
  const isMoved = Math.abs(middle - (rects.find((gap) => gap.id === over?.id)?.y ?? Number.NaN)) < 2
  const now = rects.findIndex((gap) => gap.id === over?.id)
  const next = isMoved
    ? rects[now + step]
    : step > 0
      ? rects.find((gap) => gap.y > middle)
      : rects.findLast((gap) => gap.y < middle)
  return next && { x: next.x, y: next.y - collisionRect.height / 2 }
}

function announcements(labelOf: (active: Active) => string, total: () => number): Announcements {
  const text = (words: string, active: Active) => interpolate(words, { part: labelOf(active) }, true)
  return {
    onDragStart: ({ active }) => text(gettext("Picked up: %(part)s."), active),
    onDragOver: ({ active, over }) => {
      const index = over?.data.current?.index as number | undefined
      if (index === undefined) return undefined
      const words = gettext("%(part)s: to place %(place)s of its group.")
      return total() > 0 ? interpolate(words, { part: labelOf(active), place: index + 1 }, true) : undefined
    },
    onDragEnd: ({ active }) => text(gettext("Put down: %(part)s."), active),
    onDragCancel: ({ active }) => text(gettext("Left where it was: %(part)s."), active),
  }
}

/** Lets the parts in it be dragged, with a pointer, a finger or the keys. */
export function Dragging({ root, children }: { root: GroupNode; children: ReactNode }) {
  const { dispatch } = useEditing()
  const [dragged, setDragged] = useState<Active | null>(null)
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: toNextGap }),
  )
  const open = useMemo(() => new Set(dragged ? gapsFor(root, String(dragged.id)).map(gapName) : []), [root, dragged])
  const labelOf = (active: Active) => String(active.data.current?.label ?? "")
  function onDragEnd({ active, over }: DragEndEvent): void {
    setDragged(null)
    const gap = over?.data.current as Gap | undefined
    if (gap) dispatch({ do: "move", id: String(active.id), gap: { parentId: gap.parentId, index: gap.index } })
  }
  const instructions = gettext(
    "To move this part, press space or enter, go to its new place by the up and down arrows, and press space or enter again. Escape leaves it where it was.",
  )
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestGap}
      accessibility={{
        announcements: announcements(labelOf, () => open.size),
        screenReaderInstructions: { draggable: instructions },
        restoreFocus: false,
      }}
      onDragStart={({ active }) => setDragged(active)}
      onDragEnd={onDragEnd}
      onDragCancel={() => setDragged(null)}
    >
      <OpenGaps.Provider value={open}>{children}</OpenGaps.Provider>
      <DragOverlay dropAnimation={null}>
        {dragged && <div className="flows-rule__dragged">{labelOf(dragged)}</div>}
      </DragOverlay>
    </DndContext>
  )
}

/** By what a part is dragged. */
export function Handle({ id, label }: { id: string; label: string }) {
  const { attributes, listeners, setNodeRef } = useDraggable({
    id,
    data: { label },
    attributes: { roleDescription: "" },
  })
  const { "aria-roledescription": _unused, role: _role, tabIndex: _tab, ...described } = attributes
  return (
    <button
      type="button"
      ref={setNodeRef}
      className="flows-rule__handle"
      aria-label={gettext("Drag")}
      title={gettext("Drag")}
      {...described}
      {...listeners}
    >
      <Icon name="grip" />
    </button>
  )
}

/** A place between two parts. */
export function GapTarget({ parentId, index }: Gap) {
  const gap = { parentId, index }
  const name = gapName(gap)
  const isClosed = !useContext(OpenGaps).has(name)
  const { prefix } = useEditing()
  const { setNodeRef, isOver } = useDroppable({ id: `${prefix} ${name}`, data: gap, disabled: isClosed })
  const className = isOver && !isClosed ? "flows-rule__gap flows-rule__gap--over" : "flows-rule__gap"
  return <li ref={setNodeRef} role="presentation" className={className} />
}
