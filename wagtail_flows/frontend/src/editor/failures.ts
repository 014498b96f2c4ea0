import type { Failure } from "../asking/http"

/** Why the server didn't answer, and what to do. */
export function failureText(reason: Failure): string {
  switch (reason) {
    case "offline":
      return gettext("There is no connection to the server. Nothing is lost: check your network.")
    case "session":
      return gettext("Your session has ended. Sign in again in another tab, then try again here.")
    case "forbidden":
      return gettext("You may not see this.")
    case "server":
      return gettext("The server could not answer.")
  }
}
