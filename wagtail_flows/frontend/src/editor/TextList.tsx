import { type ClipboardEvent, type KeyboardEvent, useState } from "react"
import type { Json } from "../rules/tree"
import { Chips, listed } from "./Chips"
import { type Marking, useEditing } from "./editing"

type Props = {
  value: Json | undefined
  label: string
  marks: Marking
  onChange: (value: Json | undefined) => void
}

/** Several texts: written one by one, or pasted one a line. */
export function TextList({ value, label, marks, onChange }: Props) {
  const { isReadOnly } = useEditing()
  const [text, setText] = useState("")
  const values = listed(value)

  function keep(texts: Json[]): void {
    onChange(texts.length > 0 ? texts : undefined)
  }
  function add(lines: string[]): void {
    const written = lines.map((line) => line.trim()).filter((line) => line !== "" && !values.includes(line))
    if (written.length > 0) keep([...values, ...new Set(written)])
    setText("")
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      event.preventDefault()
      add([text])
    }
    if (event.key === "Backspace" && text === "" && values.length > 0) keep(values.slice(0, -1))
  }
  function onPaste(event: ClipboardEvent): void {
    const pasted = event.clipboardData.getData("text")
    if (!pasted.includes("\n")) return
    event.preventDefault()
    add((text + pasted).split(/\r?\n/))
  }

  return (
    <div className="flows-rule__several">
      <Chips values={values} labelOf={String} onRemove={(index) => keep(values.filter((_, at) => at !== index))} />
      {!isReadOnly && (
        <input
          type="text"
          aria-label={label}
          placeholder={gettext("Write, then press Enter")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => add([text])}
          {...marks}
        />
      )}
    </div>
  )
}
