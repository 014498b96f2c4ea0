import { useMemo, useState } from "react"
import { fieldNamed } from "../rules/catalogue"
import { shown } from "../rules/clauses"
import { folded } from "../rules/searching"
import type { Json } from "../rules/tree"
import { Combobox } from "./Combobox"
import { type Marking, useEditing } from "./editing"

type Props = { name: Json | undefined; focusName: string; marks: Marking; onChoose: (name: string) => void }

/** Which field is asked, searched among the groups. One that is gone is shown by the name it had. */
export function FieldPicker({ name, focusName, marks, onChoose }: Props) {
  const { catalogue, isReadOnly } = useEditing()
  const [words, setWords] = useState("")
  const items = useMemo(() => {
    const wanted = folded(words)
    const found = catalogue.fields.filter((field) => folded(`${field.group} ${field.label}`).includes(wanted))
    return found.map((field) => ({ id: field.name, label: field.label, group: field.group }))
  }, [catalogue, words])
  const field = fieldNamed(catalogue, name)
  return (
    <Combobox
      label={gettext("Field")}
      text={field ? field.label : shown(name)}
      chosen={field?.name ?? ""}
      placeholder={gettext("Choose a field")}
      items={items}
      note={items.length === 0 ? gettext("Nothing found") : ""}
      onWords={setWords}
      onChoose={(item) => onChoose(item.id)}
      focusName={focusName}
      isReadOnly={isReadOnly}
      marks={marks}
    />
  )
}
