import type { Problem } from "../rules/problems"
import { Icon } from "./Icon"

/** What the server says about one part, where it stands. */
export function Problems({ problems, id }: { problems: readonly Problem[]; id: string }) {
  if (problems.length === 0) return null
  return (
    <ul className="flows-rule__problems" id={id}>
      {problems.map((problem) => (
        <li key={`${problem.field} ${problem.code}`} className={problem.is_warning ? "flows-rule__warning" : undefined}>
          <Icon name="warning" />
          <bdi>{problem.text}</bdi>
        </li>
      ))}
    </ul>
  )
}
