/** What can be asked, as the server lists it: fields with their options, and the operators of each type. */
export type Choice = [value: string, label: string]
export type Operand = "none" | "one" | "two" | "many" | "days" | "month"
export type FieldType = "text" | "number" | "boolean" | "date" | "moment" | "choice" | "count" | "membership"

export type Operator = { name: string; label: string; operand: Operand }
export type Option = {
  name: string
  kind: "days" | "text" | "choice" | "reference" | "conditions"
  label: string
  choices: Choice[]
  refers_to: string
  is_required: boolean
}
export type Field = {
  name: string
  label: string
  group: string
  type: FieldType
  choices: Choice[]
  refers_to: string
  options: Option[]
}
export type Catalogue = { fields: Field[]; operators: Partial<Record<FieldType, Operator[]>> }

export const CONDITION_OPERATORS = [
  "is",
  "is_not",
  "contains",
  "more_than",
  "at_least",
  "less_than",
  "at_most",
] as const

export function fieldNamed(catalogue: Catalogue, name: unknown): Field | null {
  return catalogue.fields.find((field) => field.name === name) ?? null
}

export function operatorsOf(catalogue: Catalogue, field: Field): Operator[] {
  return catalogue.operators[field.type] ?? []
}

export function operatorNamed(catalogue: Catalogue, field: Field, name: unknown): Operator | null {
  return operatorsOf(catalogue, field).find((operator) => operator.name === name) ?? null
}
