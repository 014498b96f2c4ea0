/** A clause while it is edited. What still fits is kept when the field or the operator changes; the rest goes. */
import { type Catalogue, type Field, fieldNamed, type Operand, operatorNamed, operatorsOf } from "./catalogue"
import { isObject, type Json, type JsonObject } from "./tree"

/** The value in place of which another is to be written; undefined takes it away. */
export function withValue(clause: JsonObject, value: Json | undefined): JsonObject {
  const { value: _old, ...others } = clause
  return value === undefined ? others : { ...others, value }
}

export function optionsOf(clause: JsonObject): JsonObject {
  return isObject(clause.options) ? clause.options : {}
}

/** With one option set, or taken away by undefined. */
export function withOption(clause: JsonObject, name: string, value: Json | undefined): JsonObject {
  const { [name]: _old, ...others } = optionsOf(clause)
  return withOptions(clause, value === undefined ? others : { ...others, [name]: value })
}

function withOptions(clause: JsonObject, options: JsonObject): JsonObject {
  const { options: _old, ...others } = clause
  return Object.keys(options).length > 0 ? { ...others, options } : others
}

export function chooseOperator(clause: JsonObject, name: string, catalogue: Catalogue): JsonObject {
  const field = fieldNamed(catalogue, clause.field)
  const before = field && operatorNamed(catalogue, field, clause.operator)
  const after = field && operatorNamed(catalogue, field, name)
  const chosen = { ...clause, operator: name }
  if (!after || before?.operand === after.operand) return chosen
  return withValue(chosen, converted(clause.value, before?.operand, after.operand))
}

function converted(value: Json | undefined, before: Operand | undefined, after: Operand): Json | undefined {
  if (value === undefined || !before) return undefined
  if (before === "one" && after === "many") return [value]
  if (before === "one" && after === "two") return [value]
  if ((before === "many" || before === "two") && after === "one" && Array.isArray(value)) return value[0]
  return undefined
}

export function chooseField(clause: JsonObject, name: string, catalogue: Catalogue): JsonObject {
  const before = fieldNamed(catalogue, clause.field)
  const after = fieldNamed(catalogue, name)
  if (!after || name === clause.field) return clause
  const kept = operatorNamed(catalogue, after, clause.operator)
  const operator = kept ?? operatorsOf(catalogue, after)[0]
  const isAlike = before !== null && kept !== null && asksTheSame(before, after)
  const chosen: JsonObject = { ...clause, field: name, operator: operator?.name ?? "" }
  const known = Object.entries(optionsOf(clause)).filter(([option]) => isSameOption(option, before, after))
  return withOptions(isAlike ? chosen : withValue(chosen, undefined), Object.fromEntries(known))
}

function asksTheSame(one: Field, other: Field): boolean {
  const choices = (field: Field) => JSON.stringify(field.choices)
  return one.type === other.type && one.refers_to === other.refers_to && choices(one) === choices(other)
}

function isSameOption(name: string, before: Field | null, after: Field): boolean {
  const of = (field: Field | null) => field?.options.find((option) => option.name === name)
  const [old, kept] = [of(before), of(after)]
  return kept !== undefined && old?.kind === kept.kind && old.refers_to === kept.refers_to
}

/** A whole number as it is written in JSON; what is no such number stays text, for the server to refuse. */
export function readWhole(text: string): Json | undefined {
  const written = text.trim()
  if (written === "") return undefined
  return /^-?\d{1,15}$/.test(written) ? Number(written) : written
}

/** A decimal as text, exactly as written; a comma is a point to whoever writes French. */
export function readDecimal(text: string): Json | undefined {
  const written = text.trim().replace(/\s/g, "")
  if (written === "") return undefined
  return /^-?\d*,\d+$/.test(written) ? written.replace(",", ".") : written
}

/** What stands in an input for a value, whatever it is. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : JSON.stringify(value)
}

/** One of two values of an interval; both places stay, and the list goes when both are empty. */
export function withOneOfTwo(value: Json | undefined, place: 0 | 1, written: Json | undefined): Json | undefined {
  const both: Json[] = Array.isArray(value) ? [value[0] ?? "", value[1] ?? ""] : ["", ""]
  both[place] = written ?? ""
  return both.every((item) => item === "") ? undefined : both
}
