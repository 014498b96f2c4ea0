import { memo } from "react"
import { type Field, fieldNamed, operatorNamed, operatorsOf } from "../rules/catalogue"
import { chooseField, chooseOperator, optionsOf, shown, withOption, withValue } from "../rules/clauses"
import type { Problem } from "../rules/problems"
import type { ClauseNode, Json, JsonObject } from "../rules/tree"
import { type Marking, marking, useEditing } from "./editing"
import { FieldPicker } from "./FieldPicker"
import { Leftovers } from "./Leftovers"
import { Options } from "./Options"
import { Actions, Part } from "./Part"
import { Problems } from "./Problems"
import { ValueInput } from "./ValueInput"

type Props = { node: ClauseNode; problems: readonly Problem[]; isFirst: boolean; isLast: boolean }

/** One question: field, comparison, value, and what narrows it. */
export const Clause = memo(function Clause({ node, problems, isFirst, isLast }: Props) {
  const { catalogue, dispatch, prefix } = useEditing()
  const { data } = node
  const field = fieldNamed(catalogue, data.field)
  const operator = field && operatorNamed(catalogue, field, data.operator)
  const problemsId = `${prefix}-problems-${node.id}`
  const change = (changed: JsonObject, isTyping = false) =>
    dispatch({ do: "replace", node: { ...node, data: changed }, isTyping })
  const marks = (name: string) => marking(problems, name, problemsId)
  const label = interpolate(gettext("Condition: %(field)s"), { field: field?.label || shown(data.field) }, true)
  return (
    <Part node={node} className="flows-rule__clause" label={label}>
      <div className="flows-rule__line">
        <FieldPicker
          name={data.field}
          focusName={`${node.id}:first`}
          marks={marks("field")}
          onChoose={(name) => change(chooseField(data, name, catalogue))}
        />
        {field && (
          <Comparison
            field={field}
            name={shown(data.operator)}
            marks={marks("operator")}
            onChoose={(name) => change(chooseOperator(data, name, catalogue))}
          />
        )}
        {field && operator && (
          <ValueInput
            key={`${field.name} ${operator.operand}`}
            {...{ field, operator }}
            value={data.value}
            marks={marks("value")}
            onChange={(value) => change(withValue(data, value), true)}
          />
        )}
      </div>
      <Actions {...{ node, isFirst, isLast }} />
      {field && (
        <Options
          key={field.name}
          {...{ field, problems, problemsId }}
          clause={data}
          onChange={(changed) => change(changed, true)}
        />
      )}
      <Leftovers
        {...leftovers(
          data,
          field !== null,
          operator?.operand,
          field?.options.map((option) => option.name),
          change,
        )}
      />
      <Problems problems={problems} id={problemsId} />
    </Part>
  )
})

type ComparisonProps = { field: Field; name: string; marks: Marking; onChoose: (name: string) => void }

function Comparison({ field, name, marks, onChoose }: ComparisonProps) {
  const { catalogue, isReadOnly } = useEditing()
  return (
    <select
      aria-label={gettext("Comparison")}
      value={name}
      disabled={isReadOnly}
      onChange={(event) => onChoose(event.target.value)}
      {...marks}
    >
      {!operatorNamed(catalogue, field, name) && <option value={name}>{name || gettext("Choose")}</option>}
      {operatorsOf(catalogue, field).map((operator) => (
        <option value={operator.name} key={operator.name}>
          {operator.label}
        </option>
      ))}
    </select>
  )
}

/** What of a clause has no input: parts nobody knows, and all of them when the field is gone. */
function leftovers(
  clause: JsonObject,
  isKnown: boolean,
  operand: string | undefined,
  knownOptions: string[] | undefined,
  change: (clause: JsonObject) => void,
): { parts: JsonObject; onRemove: (name: string) => void } {
  const inputs = new Set(["field"])
  if (isKnown) inputs.add("operator").add("options")
  if (operand !== undefined && operand !== "none") inputs.add("value")
  const parts = Object.fromEntries(Object.entries(clause).filter(([name]) => !inputs.has(name) && clause.field !== ""))
  const isMap = typeof clause.options === "object" && clause.options !== null && !Array.isArray(clause.options)
  if (isKnown && clause.options !== undefined && !isMap) parts.options = clause.options
  const unknown = isKnown ? Object.entries(optionsOf(clause)).filter(([name]) => !knownOptions?.includes(name)) : []
  for (const [name, value] of unknown) parts[`options.${name}`] = value as Json
  const onRemove = (name: string) => {
    if (name.startsWith("options.")) return change(withOption(clause, name.slice("options.".length), undefined))
    change(Object.fromEntries(Object.entries(clause).filter(([part]) => part !== name)))
  }
  return { parts, onRemove }
}
