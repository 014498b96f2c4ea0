import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { beforeAll, expect, test, vi } from "vitest"
import type { Counted } from "../asking/counting"
import type { Failure } from "../asking/http"
import { LiveCount } from "./LiveCount"

beforeAll(() => {
  vi.stubGlobal("gettext", (text: string) => text)
  vi.stubGlobal("ngettext", (one: string, many: string, count: number) => (count === 1 ? one : many))
  vi.stubGlobal("interpolate", (text: string, values: { count: string }) => text.replace("%(count)s", values.count))
  vi.stubGlobal("document", { documentElement: { lang: "en" } })
})

const anna = { name: "Anna", address: "anna@example.org", url: "/anna/" }
const answer: Counted = { count: 1234, is_estimate: false, people: [anna], problems: [], sentence: "Everybody." }

function shown(counted: Partial<Counted>, more: { isAsking?: boolean; failure?: Failure } = {}): string {
  const state = { isAsking: false, failure: null, asked: null, counted: { ...answer, ...counted }, ...more }
  return renderToStaticMarkup(createElement(LiveCount, { state, onRetry: () => {} }))
}

test("the count stands with the sentence and some of the people", () => {
  for (const part of ["1,234 people", "Everybody.", "Anna", "anna@example.org"]) expect(shown({})).toContain(part)
  expect(shown({ count: 1 })).toContain("1 person")
})

test("an estimate says that it is one", () => {
  expect(shown({ is_estimate: true })).toContain("About 1,234 people (an estimate)")
})

test("no count has its reason: problems, or the time", () => {
  const problem = { step: "0", field: "value", code: "empty", text: "Write.", is_warning: false }
  expect(shown({ count: null, problems: [problem] })).toContain("once every condition is complete")
  expect(shown({ count: null })).toContain("could not be counted in time")
})

test.each(["offline", "session", "forbidden", "server"] as const)(
  "a failure (%s) is said, with a way to go on",
  (failure) => {
    const markup = shown({}, { failure })
    expect(markup).toContain("Try again")
    expect(markup).not.toContain("1,234")
  },
)
