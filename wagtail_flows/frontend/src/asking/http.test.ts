import { afterEach, expect, test, vi } from "vitest"
import { ask } from "./http"

const { signal } = new AbortController()

function answering(response: Partial<Response> & { type_?: string }) {
  const { type_ = "application/json", ...others } = response
  const headers = new Headers({ "Content-Type": type_ })
  const answered = { ok: true, status: 200, redirected: false, headers, json: async () => ({ count: 3 }), ...others }
  const fetched = vi.fn(async (_url: string, _request: RequestInit) => answered)
  const config = { textContent: JSON.stringify({ CSRF_HEADER_NAME: "X-CSRFToken", CSRF_TOKEN: "token" }) }
  vi.stubGlobal("fetch", fetched)
  vi.stubGlobal("document", { getElementById: () => config })
  return fetched
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test("a question with a body is posted with Wagtail’s token against forgery", async () => {
  const fetched = answering({})
  expect(await ask("/count/", signal, { rule: {} })).toEqual({ count: 3 })
  const request = fetched.mock.calls[0]?.[1]
  expect(request).toMatchObject({ method: "POST", body: '{"rule":{}}', headers: { "X-CSRFToken": "token" } })
})

test.each([
  ["session", { redirected: true, type_: "text/html" }],
  ["session", { ok: false, status: 403, type_: "text/html" }],
  ["forbidden", { ok: false, status: 403 }],
  ["server", { ok: false, status: 500, type_: "text/html" }],
  ["server", { type_: "text/html" }],
])("the reason is “%s” for %j", async (reason, response) => {
  answering(response)
  await expect(ask("/count/", signal)).rejects.toMatchObject({ reason })
})

test("a network that is gone is told from a question that was broken off", async () => {
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")))
  await expect(ask("/count/", signal)).rejects.toMatchObject({ reason: "offline" })
  vi.stubGlobal("fetch", async () => Promise.reject(new DOMException("gone", "AbortError")))
  await expect(ask("/count/", signal)).rejects.toMatchObject({ name: "AbortError" })
})
