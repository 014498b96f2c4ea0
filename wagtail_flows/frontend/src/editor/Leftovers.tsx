import { shown } from "../rules/clauses"
import type { JsonObject } from "../rules/tree"
import { useEditing } from "./editing"
import { Icon } from "./Icon"

type Props = { parts: JsonObject; onRemove: (name: string) => void }

/** Parts of a clause or group that mean nothing (any more): shown as they are, until somebody takes them away. */
export function Leftovers({ parts, onRemove }: Props) {
  const { isReadOnly } = useEditing()
  const names = Object.keys(parts)
  if (names.length === 0) return null
  return (
    <ul className="flows-rule__leftovers">
      {names.map((name) => (
        <li key={name}>
          <code>
            {name}: {shown(parts[name])}
          </code>
          {!isReadOnly && (
            <button
              type="button"
              className="flows-rule__quiet"
              aria-label={interpolate(gettext("Remove %(name)s"), { name }, true)}
              onClick={() => onRemove(name)}
            >
              <Icon name="cross" />
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
