import type { Field, Operator } from "../rules/catalogue"
import { readDecimal, readWhole, shown, withOneOfTwo } from "../rules/clauses"
import type { Json } from "../rules/tree"
import { ManyChoices, OneChoice } from "./choices"
import { type Marking, useEditing } from "./editing"
import { TextList } from "./TextList"

type InputProps = {
  kind: "text" | "decimal" | "whole" | "date"
  value: Json | undefined
  label: string
  marks: Marking
  onChange: (value: Json | undefined) => void
}

/** One value that is written. What can't be read as the kind stays as it was written. */
export function WrittenInput({ kind, value, label, marks, onChange }: InputProps) {
  const { isReadOnly } = useEditing()
  const text = shown(value)
  const isDate = kind === "date" && (text === "" || /^\d{4}-\d{2}-\d{2}$/.test(text))
  const read =
    kind === "whole" ? readWhole : kind === "decimal" ? readDecimal : (written: string) => written || undefined
  return (
    <input
      type={isDate ? "date" : "text"}
      inputMode={kind === "whole" ? "numeric" : kind === "decimal" ? "decimal" : undefined}
      className={kind === "whole" || kind === "decimal" ? "flows-rule__number" : undefined}
      dir={kind === "text" ? "auto" : undefined}
      autoComplete="off"
      aria-label={label}
      value={text}
      readOnly={isReadOnly}
      onChange={(event) => onChange(read(event.target.value))}
      {...marks}
    />
  )
}

type Props = {
  field: Field
  operator: Operator
  value: Json | undefined
  marks: Marking
  onChange: (value: Json | undefined) => void
}

const KINDS = {
  text: "text",
  boolean: "text",
  number: "decimal",
  count: "whole",
  date: "date",
  moment: "date",
  choice: "text",
  membership: "text",
} as const

/** What the operator compares with, as the type of the field is written. */
export function ValueInput({ field, operator, value, marks, onChange }: Props) {
  const label = gettext("Value")
  const isChosen = field.type === "choice" || field.type === "membership"
  const offer = { choices: field.choices, refersTo: field.refers_to }
  const kind = KINDS[field.type]
  const shared = { label, marks, onChange }
  switch (operator.operand) {
    case "none":
      return null
    case "days":
      return (
        <span className="flows-rule__with-unit">
          <WrittenInput kind="whole" value={value} {...shared} label={gettext("Days")} />
          <span>{gettext("days")}</span>
        </span>
      )
    case "month":
      return <Month value={value} {...shared} />
    case "many":
      return isChosen ? <ManyChoices {...{ offer, value }} {...shared} /> : <TextList value={value} {...shared} />
    case "two":
      return <Two {...{ kind, value, marks, onChange }} />
    case "one":
      return isChosen ? (
        <OneChoice {...{ offer, value }} {...shared} />
      ) : (
        <WrittenInput {...{ kind, value }} {...shared} />
      )
  }
}

function Two({ kind, value, marks, onChange }: Omit<InputProps, "label">) {
  const both = Array.isArray(value) ? value : [value, undefined]
  const write = (place: 0 | 1) => (written: Json | undefined) => onChange(withOneOfTwo(value, place, written))
  return (
    <span className="flows-rule__two">
      <WrittenInput {...{ kind, marks }} value={both[0]} label={gettext("From")} onChange={write(0)} />
      <span>{gettext("and")}</span>
      <WrittenInput {...{ kind, marks }} value={both[1]} label={gettext("To")} onChange={write(1)} />
    </span>
  )
}

function Month({ value, marks, onChange }: Omit<InputProps, "label" | "kind">) {
  const { isReadOnly } = useEditing()
  const names = new Intl.DateTimeFormat(document.documentElement.lang || "en", { month: "long", timeZone: "UTC" })
  const months = Array.from({ length: 12 }, (_, index) => names.format(Date.UTC(2000, index, 1)))
  const text = shown(value)
  const isKnown = text === "" || (Number(text) >= 1 && Number(text) <= 12)
  return (
    <select
      aria-label={gettext("Month")}
      value={text}
      disabled={isReadOnly}
      onChange={(event) => onChange(readWhole(event.target.value))}
      {...marks}
    >
      <option value="">{gettext("Choose")}</option>
      {!isKnown && <option value={text}>{text}</option>}
      {months.map((name, index) => (
        <option value={index + 1} key={name}>
          {name}
        </option>
      ))}
    </select>
  )
}
