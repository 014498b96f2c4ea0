import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type Counted, Counter, type CountState, REST_MS } from "./counting"
import { AskingFailed } from "./http"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const answer = (count: number): Counted => ({ count, is_estimate: false, people: [], problems: [], sentence: "" })

/** A server that answers when it is told to. */
function slowServer() {
  const asked: {
    rule: unknown
    signal: AbortSignal
    answer: (counted: Counted) => void
    fail: (error: Error) => void
  }[] = []
  const states: CountState<string>[] = []
  const counter = new Counter<string>(
    (rule, signal) => new Promise((resolve, reject) => asked.push({ rule, signal, answer: resolve, fail: reject })),
    (state) => states.push(state),
  )
  return { asked, states, counter }
}

test("it is asked once, when the rule has rested", () => {
  const { asked, counter } = slowServer()
  for (const rule of ["f", "fr", "fre"]) counter.want(rule, rule)
  vi.advanceTimersByTime(REST_MS - 1)
  expect(asked).toHaveLength(0)
  vi.advanceTimersByTime(1)
  expect(asked.map(({ rule }) => rule)).toEqual(["fre"])
})

test("an answer that was overtaken is never shown, and its question is broken off", async () => {
  const { asked, states, counter } = slowServer()
  counter.want("old", "old", 0)
  await vi.advanceTimersByTimeAsync(0)
  counter.want("new", "new", 0)
  expect(asked[0]?.signal.aborted).toBe(true)
  await vi.advanceTimersByTimeAsync(0)
  asked[1]?.answer(answer(2))
  asked[0]?.answer(answer(1))
  await vi.advanceTimersByTimeAsync(0)
  expect(states.at(-1)).toEqual({ isAsking: false, counted: answer(2), asked: "new", failure: null })
})

test("a failure says its reason and keeps the last answer", async () => {
  const { asked, states, counter } = slowServer()
  counter.want("rule", "rule", 0)
  await vi.advanceTimersByTimeAsync(0)
  asked[0]?.answer(answer(7))
  await vi.advanceTimersByTimeAsync(0)
  counter.want("other", "other", 0)
  await vi.advanceTimersByTimeAsync(0)
  asked[1]?.fail(new AskingFailed("session"))
  await vi.advanceTimersByTimeAsync(0)
  expect(states.at(-1)).toMatchObject({ failure: "session", counted: { count: 7 }, isAsking: false })
})

test("one that was stopped asks nothing more", () => {
  const { asked, counter } = slowServer()
  counter.want("rule", "rule")
  counter.stop()
  vi.advanceTimersByTime(REST_MS * 2)
  expect(asked).toHaveLength(0)
})
