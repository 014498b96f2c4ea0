/** The live count: asked when the rule has rested for a moment; an answer that was overtaken is never shown. */
import type { Problem } from "../rules/problems"
import type { Json } from "../rules/tree"
import { AskingFailed, ask, type Failure, isAborted } from "./http"

export const REST_MS = 400

export type Person = { name: string; address: string; url: string }
export type Counted = {
  count: number | null
  is_estimate: boolean
  people: Person[]
  problems: Problem[]
  sentence: string
}
export type CountState<Asked> = {
  isAsking: boolean
  /** The last answer, and what it answers. */
  counted: Counted | null
  asked: Asked | null
  failure: Failure | null
}

type Ask = (rule: Json, signal: AbortSignal) => Promise<Counted>

/** `Asked` is what the caller wants to have back with the answer. */
export class Counter<Asked> {
  private timer: ReturnType<typeof setTimeout> | undefined
  private asking: AbortController | undefined
  private state: CountState<Asked> = { isAsking: false, counted: null, asked: null, failure: null }
  private readonly ask: Ask
  private readonly tell: (state: CountState<Asked>) => void

  constructor(ask: Ask, tell: (state: CountState<Asked>) => void) {
    this.ask = ask
    this.tell = tell
  }

  /** Ask about this rule once nothing else was wanted for `rest` milliseconds. */
  want(rule: Json, asked: Asked, rest = REST_MS): void {
    this.stop()
    this.become({ isAsking: true })
    this.timer = setTimeout(() => void this.run(rule, asked), rest)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.asking?.abort()
    this.asking = undefined
  }

  private async run(rule: Json, asked: Asked): Promise<void> {
    const asking = new AbortController()
    this.asking = asking
    try {
      const counted = await this.ask(rule, asking.signal)
      if (this.asking === asking) this.become({ isAsking: false, counted, asked, failure: null })
    } catch (error) {
      if (this.asking !== asking || isAborted(error)) return
      if (!(error instanceof AskingFailed)) throw error
      this.become({ isAsking: false, failure: error.reason })
    }
  }

  private become(part: Partial<CountState<Asked>>): void {
    this.state = { ...this.state, ...part }
    this.tell(this.state)
  }
}

/** `segment`: the public id of the segment being edited, "" for none. */
export function countAt(url: string, segment: string): Ask {
  const about = segment ? { segment } : {}
  return (rule, signal) => ask<Counted>(url, signal, { rule, ...about })
}
