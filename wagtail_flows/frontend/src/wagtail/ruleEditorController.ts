/**
 * Mounts the editor in the place of the widget's textarea, which stays in the form and holds the JSON.
 *
 * Stimulus is Wagtail's own; React is ours, since Wagtail's is of another age.
 */
import { createElement } from "react"
import { createRoot, type Root } from "react-dom/client"
import { RuleEditor } from "../editor/RuleEditor"
import type { Catalogue } from "../rules/catalogue"
import type { Problem } from "../rules/problems"
import type { Json } from "../rules/tree"

/** As much of Stimulus as is used here. */
type Controller = { element: HTMLElement }
declare global {
  interface Window {
    StimulusModule: { Controller: new (context: unknown) => Controller }
    wagtail: { app: { register: (name: string, controller: unknown) => void } }
  }
}

type Data = {
  catalogue: Catalogue
  urls: { count: string; references: string }
  problems: Problem[]
  segment: string
  is_read_only: boolean
}

/** The rule as it stands in the textarea. What is no JSON at all is shown as the text it is. */
function parsed(text: string): Json {
  if (text.trim() === "") return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

export function registerRuleEditor(): void {
  window.wagtail.app.register(
    "flows-rule-editor",
    class extends window.StimulusModule.Controller {
      private root: Root | undefined

      connect(): void {
        const part = (name: string) => this.element.querySelector<HTMLElement>(`[data-flows-rule="${name}"]`)
        const [textarea, words, place] = [this.element.querySelector("textarea"), part("words"), part("editor")]
        const data: Data = JSON.parse(part("data")?.textContent ?? "null")
        if (!textarea || !place) return
        if (words) words.hidden = true
        this.root = createRoot(place)
        this.root.render(
          createElement(RuleEditor, {
            rule: parsed(textarea.value),
            catalogue: data.catalogue,
            urls: data.urls,
            problems: data.problems,
            segment: data.segment,
            isReadOnly: data.is_read_only || textarea.disabled,
            onChange: (rule) => {
              textarea.value = JSON.stringify(rule)
              textarea.dispatchEvent(new Event("change", { bubbles: true }))
            },
          }),
        )
      }

      disconnect(): void {
        this.root?.unmount()
        this.root = undefined
        const words = this.element.querySelector<HTMLElement>('[data-flows-rule="words"]')
        if (words) words.hidden = false
      }
    },
  )
}
