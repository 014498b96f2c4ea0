import { useEffect, useState } from "react"
import type { Field, Option } from "../rules/catalogue"
import { optionsOf, shown, withOption } from "../rules/clauses"
import type { Problem } from "../rules/problems"
import type { Json, JsonObject } from "../rules/tree"
import { Conditions } from "./Conditions"
import { OneChoice } from "./choices"
import { type Marking, marking, useEditing } from "./editing"
import { Icon } from "./Icon"
import { WrittenInput } from "./ValueInput"

type Props = {
  field: Field
  clause: JsonObject
  problems: readonly Problem[]
  problemsId: string
  onChange: (clause: JsonObject) => void
}

/** What narrows a clause. Open where something is asked for; closed, it says how much is in it. */
export function Options({ field, clause, problems, problemsId, onChange }: Props) {
  const options = optionsOf(clause)
  const set = field.options.filter((option) => option.name in options)
  const isAsking = field.options.some(
    (option) => option.is_required || problems.some((problem) => problem.field === option.name),
  )
  const [isOpen, setIsOpen] = useState(set.length > 0 || isAsking)
  useEffect(() => {
    if (isAsking) setIsOpen(true)
  }, [isAsking])
  if (field.options.length === 0) return null
  const summary = set.length > 0 ? set.map((option) => brief(option, options[option.name])).join(" · ") : ""
  return (
    <details className="flows-rule__options" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="arrow-right" />
        {gettext("Details")}
        {summary && !isOpen && <span className="flows-rule__summary">{summary}</span>}
      </summary>
      <div className="flows-rule__option-rows">
        {field.options.map((option) => (
          <OptionRow
            key={option.name}
            option={option}
            value={options[option.name]}
            marks={marking(problems, option.name, problemsId)}
            onChange={(value) => onChange(withOption(clause, option.name, value))}
          />
        ))}
      </div>
    </details>
  )
}

function brief(option: Option, value: Json | undefined): string {
  if (option.kind === "days" || option.kind === "text") return `${option.label} ${shown(value)}`
  if (option.kind === "choice")
    return `${option.label} ${option.choices.find(([key]) => key === value)?.[1] ?? shown(value)}`
  return option.label
}

type RowProps = { option: Option; value: Json | undefined; marks: Marking; onChange: (value: Json | undefined) => void }

function OptionRow({ option, value, marks, onChange }: RowProps) {
  const { isReadOnly } = useEditing()
  const shared = { label: option.label, value, marks, onChange }
  if (option.kind === "conditions") return <Conditions {...shared} />
  const offer = { choices: option.choices, refersTo: option.refers_to }
  return (
    <div className="flows-rule__option">
      <span aria-hidden="true">
        {option.label}
        {option.is_required && <span className="flows-rule__required">*</span>}
      </span>
      {option.kind === "days" && <WrittenInput kind="whole" {...shared} />}
      {option.kind === "text" && <WrittenInput kind="text" {...shared} />}
      {(option.kind === "choice" || option.kind === "reference") && <OneChoice offer={offer} {...shared} />}
      {option.kind === "reference" && value !== undefined && !isReadOnly && !option.is_required && (
        <button type="button" className="flows-rule__quiet" onClick={() => onChange(undefined)}>
          {gettext("Clear")}
        </button>
      )}
    </div>
  )
}
