/** Questions to the admin's JSON views: with the session's cookie, the token against forgery, and plain reasons of failure. */
export type Failure = "offline" | "session" | "forbidden" | "server"

export class AskingFailed extends Error {
  readonly reason: Failure

  constructor(reason: Failure) {
    super(reason)
    this.reason = reason
  }
}

/** The header that Django wants with a POST; Wagtail writes it into every page of its admin. */
function forgeryHeader(): Record<string, string> {
  const written = document.getElementById("wagtail-config")?.textContent
  const config: { CSRF_HEADER_NAME?: string; CSRF_TOKEN?: string } = written ? JSON.parse(written) : {}
  return config.CSRF_HEADER_NAME && config.CSRF_TOKEN ? { [config.CSRF_HEADER_NAME]: config.CSRF_TOKEN } : {}
}

/** The JSON answer. Throws AskingFailed, or the browser's AbortError when `signal` says so. */
export async function ask<Answer>(url: string, signal: AbortSignal, body?: unknown): Promise<Answer> {
  const accept = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" }
  const posted = { method: "POST", body: JSON.stringify(body) }
  const headers = body === undefined ? accept : { ...accept, "Content-Type": "application/json", ...forgeryHeader() }
  const request: RequestInit = { credentials: "same-origin", signal, headers, ...(body === undefined ? {} : posted) }
  const response = await fetch(url, request).catch((error: unknown) => {
    throw isAborted(error) ? error : new AskingFailed("offline")
  })
  return read<Answer>(response)
}

async function read<Answer>(response: Response): Promise<Answer> {
  const isJson = response.headers.get("Content-Type")?.includes("json") ?? false
  // Wagtail sends whoever is no longer signed in to its sign-in page; a stale token is refused with a page as well.
  if (response.redirected || response.status === 401 || (response.status === 403 && !isJson)) {
    throw new AskingFailed("session")
  }
  if (response.status === 403) throw new AskingFailed("forbidden")
  if (!response.ok || !isJson) throw new AskingFailed("server")
  return (await response.json()) as Answer
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError"
}
