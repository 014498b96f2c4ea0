import { shown } from "../rules/clauses"
import type { Json } from "../rules/tree"
import { useEditing } from "./editing"
import { Icon } from "./Icon"

type Props = { values: Json[]; labelOf: (text: string) => string; onRemove: (index: number) => void }

/** The several things that are chosen, each with a button that takes it away. */
export function Chips({ values, labelOf, onRemove }: Props) {
  const { isReadOnly } = useEditing()
  return (
    <ul className="flows-rule__chips">
      {values.map((value, index) => {
        const label = labelOf(shown(value))
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a value may stand there twice
          <li className="flows-rule__chip" key={index}>
            <bdi>{label}</bdi>
            {!isReadOnly && (
              <button
                type="button"
                aria-label={interpolate(gettext("Remove %(name)s"), { name: label }, true)}
                onClick={() => onRemove(index)}
              >
                <Icon name="cross" />
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** A value as a list of values, whatever it is. */
export function listed(value: Json | undefined): Json[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
