/** One of Wagtail's icons; the sprite is part of each page of its admin. */
export function Icon({ name }: { name: string }) {
  return (
    <svg className={`icon icon-${name} flows-rule__icon`} aria-hidden="true" focusable="false">
      <use href={`#icon-${name}`} />
    </svg>
  )
}

type ButtonProps = {
  icon: string
  label: string
  onClick: () => void
  focusName?: string | undefined
  isOff?: boolean
}

/** A button with only an icon in it. One that is off keeps the focus, so that a moved part can be moved back. */
export function IconButton({ icon, label, onClick, focusName, isOff = false }: ButtonProps) {
  return (
    <button
      type="button"
      className="flows-rule__action"
      aria-label={label}
      title={label}
      aria-disabled={isOff || undefined}
      data-focus={focusName}
      onClick={() => isOff || onClick()}
    >
      <Icon name={icon} />
    </button>
  )
}
