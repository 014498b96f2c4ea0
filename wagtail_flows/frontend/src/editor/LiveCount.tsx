import type { Counted, CountState } from "../asking/counting"
import { failureText } from "./failures"

type Props = { state: CountState<unknown>; onRetry: () => void }

/** The rule in words, how many people it means now, and some of them. */
export function LiveCount({ state, onRetry }: Props) {
  const { counted, failure, isAsking } = state
  const isOld = isAsking || failure !== null
  return (
    <section className="flows-rule__answer" aria-label={gettext("Who this means now")} aria-busy={isAsking}>
      {counted?.sentence && (
        <p className="flows-rule__sentence" data-old={isOld || undefined}>
          <bdi>{counted.sentence}</bdi>
        </p>
      )}
      <div role="status" aria-live="polite" className="flows-rule__count">
        {failure !== null ? (
          <>
            <strong className="flows-rule__failure">{failureText(failure)}</strong>{" "}
            <button type="button" className="button button-small button-secondary" onClick={onRetry}>
              {gettext("Try again")}
            </button>
          </>
        ) : isAsking ? (
          // Only the answer is read out, not each time that it is being looked for.
          <span className="flows-rule__asking" aria-hidden="true">
            {gettext("Counting…")}
          </span>
        ) : (
          counted && <strong>{countText(counted)}</strong>
        )}
      </div>
      {counted && failure === null && counted.people.length > 0 && <People counted={counted} isOld={isOld} />}
    </section>
  )
}

function countText({ count, is_estimate, problems }: Counted): string {
  if (count === null) {
    const isRefused = problems.some((problem) => !problem.is_warning)
    return isRefused
      ? gettext("The people are counted once every condition is complete and correct.")
      : gettext("The people could not be counted in time.")
  }
  const lang = document.documentElement.lang || "en"
  const shown = { count: new Intl.NumberFormat(lang).format(count) }
  return is_estimate
    ? interpolate(
        ngettext("About %(count)s person (an estimate)", "About %(count)s people (an estimate)", count),
        shown,
        true,
      )
    : interpolate(ngettext("%(count)s person", "%(count)s people", count), shown, true)
}

function People({ counted, isOld }: { counted: Counted; isOld: boolean }) {
  return (
    <details className="flows-rule__people" open data-old={isOld || undefined}>
      <summary>{gettext("Some of them")}</summary>
      <ul>
        {counted.people.map((person) => (
          <li key={person.address}>
            <a href={person.url} target="_blank" rel="noreferrer">
              <bdi>{person.name || person.address}</bdi>
            </a>
            {person.name && <bdi className="flows-rule__address">{person.address}</bdi>}
          </li>
        ))}
      </ul>
    </details>
  )
}
