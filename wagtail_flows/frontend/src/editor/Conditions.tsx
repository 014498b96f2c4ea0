import { CONDITION_OPERATORS } from "../rules/catalogue"
import { readDecimal, shown } from "../rules/clauses"
import { isObject, type Json, type JsonObject } from "../rules/tree"
import { type Marking, useEditing } from "./editing"
import { Icon, IconButton } from "./Icon"

const ON_NUMBERS = new Set<Json>(["more_than", "at_least", "less_than", "at_most"])

function operatorLabel(name: (typeof CONDITION_OPERATORS)[number]): string {
  const labels = {
    is: gettext("is"),
    is_not: gettext("is not"),
    contains: gettext("contains"),
    more_than: gettext("is more than"),
    at_least: gettext("is at least"),
    less_than: gettext("is less than"),
    at_most: gettext("is at most"),
  }
  return labels[name]
}

type Props = {
  label: string
  value: Json | undefined
  marks: Marking
  onChange: (value: Json | undefined) => void
}

/** Tests on the data of an event, one a row: name, comparison, value. */
export function Conditions({ label, value, marks, onChange }: Props) {
  const { isReadOnly } = useEditing()
  const rows = value === undefined ? [] : Array.isArray(value) ? value : [value]
  const keep = (kept: Json[]) => onChange(kept.length > 0 ? kept : undefined)
  return (
    // biome-ignore lint/a11y/useSemanticElements: Wagtail styles fieldsets as parts of the page's form
    <div role="group" aria-label={label} className="flows-rule__conditions">
      <span aria-hidden="true">{label}</span>
      {rows.map((row, index) => (
        <Condition
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows have no names of their own, and don't move
          key={index}
          row={row}
          marks={marks}
          onChange={(changed) => keep(rows.map((other, at) => (at === index ? changed : other)))}
          onRemove={() => keep(rows.filter((_, at) => at !== index))}
        />
      ))}
      {!isReadOnly && (
        <button
          type="button"
          className="flows-rule__quiet"
          onClick={() => keep([...rows, { name: "", operator: "is", value: "" }])}
        >
          <Icon name="plus" />
          {gettext("Add a test on the data")}
        </button>
      )}
    </div>
  )
}

type RowProps = { row: Json; marks: Marking; onChange: (row: JsonObject) => void; onRemove: () => void }

function Condition({ row, marks, onChange, onRemove }: RowProps) {
  const { isReadOnly } = useEditing()
  const operator = isObject(row) ? shown(row.operator) : ""
  const isKnown = CONDITION_OPERATORS.some((known) => known === operator)
  const isNumber = ON_NUMBERS.has(operator)
  return (
    <div className="flows-rule__condition">
      {isObject(row) ? (
        <>
          <input
            type="text"
            aria-label={gettext("Name in the data")}
            placeholder={gettext("Name in the data")}
            value={shown(row.name)}
            readOnly={isReadOnly}
            onChange={(event) => onChange({ ...row, name: event.target.value })}
            {...marks}
          />
          <select
            aria-label={gettext("Comparison")}
            value={operator}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...row, operator: event.target.value })}
          >
            {!isKnown && <option value={operator}>{operator}</option>}
            {CONDITION_OPERATORS.map((name) => (
              <option value={name} key={name}>
                {operatorLabel(name)}
              </option>
            ))}
          </select>
          <input
            type="text"
            inputMode={isNumber ? "decimal" : undefined}
            aria-label={gettext("Value")}
            value={shown(row.value)}
            readOnly={isReadOnly}
            onChange={(event) => {
              const written = event.target.value
              onChange({ ...row, value: isNumber ? (readDecimal(written) ?? "") : written })
            }}
            {...marks}
          />
        </>
      ) : (
        <code>{JSON.stringify(row)}</code>
      )}
      {!isReadOnly && <IconButton icon="bin" label={gettext("Remove this test")} onClick={onRemove} />}
    </div>
  )
}
