import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react"
import type { Marking } from "./editing"

export type Item = { id: string; label: string; group?: string }

type Props = {
  label: string
  /** What is written in the input while nothing is searched. */
  text: string
  items: Item[]
  onWords: (words: string) => void
  onChoose: (item: Item) => void
  onOpen?: () => void
  /** Backspace in an empty input. */
  onBackspace?: () => void
  placeholder?: string
  /** Shown below the items: being searched, nothing found, there is more. */
  note?: string
  chosen?: string
  focusName?: string | undefined
  isReadOnly: boolean
  marks: Marking
}

/** A searchable list after the ARIA pattern "editable combobox with list autocomplete". The caller filters the items. */
export function Combobox(props: Props) {
  const { items, chosen } = props
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [words, setWords] = useState<string | null>(null)
  const [active, setActive] = useState(-1)
  const isOpen = words !== null

  function open(): void {
    if (isOpen || props.isReadOnly) return
    setWords("")
    props.onWords("")
    props.onOpen?.()
    setActive(items.findIndex((item) => item.id === chosen))
  }
  function close(): void {
    setWords(null)
    setActive(-1)
  }
  function write(text: string): void {
    setWords(text)
    setActive(text === "" ? -1 : 0)
    props.onWords(text)
  }
  function choose(item: Item | undefined): void {
    if (!item) return
    close()
    props.onChoose(item)
  }
  function go(step: -1 | 1): void {
    if (!isOpen) {
      open()
      return
    }
    const before = active < 0 && step < 0 ? 0 : active
    setActive(items.length === 0 ? -1 : (before + step + items.length) % items.length)
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Backspace" && !words) props.onBackspace?.()
    if (event.altKey || !acted(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }
  /** Do what the key means here; false when it means nothing. */
  function acted(key: string): boolean {
    if (key === "ArrowDown") go(1)
    else if (key === "ArrowUp") go(-1)
    else if (key === "Enter") isOpen ? choose(items[active]) : open()
    else if (key === "Escape" && isOpen) close()
    else return false
    return true
  }
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" })
  })

  return (
    <div className="flows-rule__combobox">
      <input
        type="text"
        role="combobox"
        aria-label={props.label}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        readOnly={props.isReadOnly}
        placeholder={isOpen && props.text ? props.text : props.placeholder}
        value={words ?? props.text}
        data-focus={props.focusName}
        onChange={(event) => write(event.target.value)}
        onClick={open}
        onBlur={close}
        onKeyDown={onKeyDown}
        {...props.marks}
      />
      {isOpen && (
        <div className="flows-rule__popup" ref={list}>
          <div id={`${id}-list`} role="listbox" aria-label={props.label}>
            {grouped(items).map(([group, members]) => (
              // biome-ignore lint/a11y/useSemanticElements: a fieldset has no place in a listbox
              <div role="group" aria-label={group || props.label} key={group}>
                {group && (
                  <div className="flows-rule__list-heading" aria-hidden="true">
                    {group}
                  </div>
                )}
                {members.map(({ item, index }) => (
                  // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's
                  <div
                    key={item.id}
                    id={`${id}-${index}`}
                    role="option"
                    aria-selected={index === active}
                    className={item.id === chosen ? "flows-rule__item flows-rule__item--chosen" : "flows-rule__item"}
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => choose(item)}
                  >
                    {item.label}
                  </div>
                ))}
              </div>
            ))}
          </div>
          <div className="flows-rule__list-note" role="status">
            {props.note}
          </div>
        </div>
      )}
    </div>
  )
}

/** The items by group, in the order in which the groups first appear, each with its number among all. */
function grouped(items: Item[]): [string, { item: Item; index: number }[]][] {
  const groups = new Map<string, { item: Item; index: number }[]>()
  items.forEach((item, index) => {
    const name = item.group ?? ""
    groups.set(name, [...(groups.get(name) ?? []), { item, index }])
  })
  return [...groups]
}
