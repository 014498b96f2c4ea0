/** What clauses may refer to: searched by words, and looked up by id. Labels that were seen are remembered. */
import { ask } from "./http"

export type Reference = { id: string; label: string }
export type Found = { items: Reference[]; has_more: boolean }

export class References {
  private readonly template: string
  private readonly labels = new Map<string, string>()

  /** `template`: the address of the view with `__kind__` in the place of the kind. */
  constructor(template: string) {
    this.template = template
  }

  label(kind: string, id: string): string | undefined {
    return this.labels.get(`${kind}:${id}`)
  }

  search(kind: string, words: string, signal: AbortSignal): Promise<Found> {
    return this.get(kind, new URLSearchParams({ q: words }), signal)
  }

  /** Learn the labels of these ids. Those that don't exist stay without one. */
  async learn(kind: string, ids: string[], signal: AbortSignal): Promise<void> {
    const unknown = ids.filter((id) => this.label(kind, id) === undefined)
    if (unknown.length > 0) await this.get(kind, new URLSearchParams({ ids: unknown.join(",") }), signal)
  }

  private async get(kind: string, query: URLSearchParams, signal: AbortSignal): Promise<Found> {
    const found = await ask<Found>(`${this.template.replace("__kind__", encodeURIComponent(kind))}?${query}`, signal)
    for (const item of found.items) this.labels.set(`${kind}:${item.id}`, item.label)
    return found
  }
}
