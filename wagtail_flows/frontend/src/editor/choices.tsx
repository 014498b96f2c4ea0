import { useEffect, useState } from "react"
import { AskingFailed, isAborted } from "../asking/http"
import type { Choice } from "../rules/catalogue"
import { shown } from "../rules/clauses"
import { folded } from "../rules/searching"
import type { Json } from "../rules/tree"
import { Chips, listed } from "./Chips"
import { Combobox, type Item } from "./Combobox"
import { type Marking, useEditing } from "./editing"
import { failureText } from "./failures"

const SEARCH_REST_MS = 200

/** What can be chosen: values listed with the field, or things that exist, searched on the server. */
export type Offer = { choices: Choice[]; refersTo: string }

type Offered = { items: Item[]; note: string; labelOf: (id: string) => string; search: (words: string | null) => void }

function useOffered(offer: Offer, chosen: string[]): Offered {
  const listedItems = useListed(offer)
  const found = useFound(offer, chosen)
  return offer.refersTo ? found : listedItems
}

function useListed({ choices }: Offer): Offered {
  const [words, setWords] = useState("")
  const items = choices
    .filter(([, label]) => folded(label).includes(folded(words)))
    .map(([id, label]) => ({ id, label }))
  const labelOf = (id: string) => choices.find(([key]) => key === id)?.[1] ?? id
  return {
    items,
    note: items.length === 0 ? gettext("Nothing found") : "",
    labelOf,
    search: (text) => setWords(text ?? ""),
  }
}

function useFound({ refersTo }: Offer, chosen: string[]): Offered {
  const { references } = useEditing()
  const [words, search] = useState<string | null>(null)
  const [items, setItems] = useState<Item[]>([])
  const [note, setNote] = useState("")
  const [, setLearned] = useState(0)
  const wanted = JSON.stringify(chosen)

  useEffect(() => {
    if (!refersTo || !references || words === null) return
    const asking = new AbortController()
    setNote(gettext("Searching…"))
    const timer = setTimeout(
      () => {
        references.search(refersTo, words, asking.signal).then(
          (answer) => {
            setItems(answer.items)
            const more = answer.has_more ? gettext("There are more: write to search.") : ""
            setNote(answer.items.length === 0 ? gettext("Nothing found") : more)
          },
          (error: unknown) => {
            if (isAborted(error)) return
            if (!(error instanceof AskingFailed)) throw error
            setItems([])
            setNote(failureText(error.reason))
          },
        )
      },
      words === "" ? 0 : SEARCH_REST_MS,
    )
    return () => {
      clearTimeout(timer)
      asking.abort()
    }
  }, [refersTo, references, words])

  useEffect(() => {
    const ids: string[] = JSON.parse(wanted)
    if (!refersTo || !references || ids.length === 0) return
    const asking = new AbortController()
    references.learn(refersTo, ids, asking.signal).then(
      () => setLearned((times) => times + 1),
      // Without their labels the ids themselves are shown.
      (error: unknown) => {
        if (!isAborted(error) && !(error instanceof AskingFailed)) throw error
      },
    )
    return () => asking.abort()
  }, [refersTo, references, wanted])

  return { items, note, labelOf: (id) => references?.label(refersTo, id) ?? id, search }
}

type Props = {
  offer: Offer
  value: Json | undefined
  label: string
  marks: Marking
  onChange: (value: Json | undefined) => void
}

/** One of what is offered. */
export function OneChoice({ offer, value, label, marks, onChange }: Props) {
  const { isReadOnly } = useEditing()
  const id = shown(value)
  const { items, note, labelOf, search } = useOffered(offer, id ? [id] : [])
  if (!offer.refersTo) return <Listed choices={offer.choices} {...{ value, label, marks, onChange }} />
  return (
    <Combobox
      label={label}
      text={id && labelOf(id)}
      chosen={id}
      placeholder={gettext("Search")}
      {...{ items, note, isReadOnly, marks }}
      onWords={search}
      onChoose={(item) => onChange(item.id)}
      onBackspace={() => onChange(undefined)}
    />
  )
}

/** Several of what is offered. */
export function ManyChoices({ offer, value, label, marks, onChange }: Props) {
  const { isReadOnly } = useEditing()
  const values = listed(value)
  const { items, note, labelOf, search } = useOffered(offer, values.map(shown))
  const keep = (kept: Json[]) => onChange(kept.length > 0 ? kept : undefined)
  const offered = items.filter((item) => !values.includes(item.id))
  return (
    <div className="flows-rule__several">
      <Chips values={values} labelOf={labelOf} onRemove={(index) => keep(values.filter((_, at) => at !== index))} />
      {!isReadOnly && (
        <Combobox
          label={label}
          text=""
          placeholder={gettext("Search")}
          items={offered}
          note={items.length > 0 && offered.length === 0 ? gettext("Everything is chosen") : note}
          {...{ isReadOnly, marks }}
          onWords={search}
          onChoose={(item) => keep([...values, item.id])}
          onBackspace={() => keep(values.slice(0, -1))}
        />
      )}
    </div>
  )
}

type ListedProps = Omit<Props, "offer"> & { choices: Choice[] }

/** A short list. A value that isn't in it stays in it as what it is. */
export function Listed({ choices, value, label, marks, onChange }: ListedProps) {
  const { isReadOnly } = useEditing()
  const text = shown(value)
  const isKnown = text === "" || choices.some(([key]) => key === text)
  return (
    <select
      aria-label={label}
      value={text}
      disabled={isReadOnly}
      onChange={(event) => onChange(event.target.value || undefined)}
      {...marks}
    >
      <option value="">{gettext("Choose")}</option>
      {!isKnown && <option value={text}>{text}</option>}
      {choices.map(([key, name]) => (
        <option value={key} key={key}>
          {name}
        </option>
      ))}
    </select>
  )
}
