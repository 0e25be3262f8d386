import { type KeyboardEvent, type ReactNode, useState } from 'react'

export interface Found {
  readonly id: string
  readonly text: string
  readonly detail?: string | undefined
}

interface FinderProps<Choice> {
  /** Names the field and the list. */
  readonly label: string
  readonly placeholder: string
  /** What it says where nothing is found. */
  readonly none: string
  readonly icon: ReactNode
  readonly text: string
  readonly onText: (text: string) => void
  readonly groups: readonly { readonly name: string; readonly choices: readonly Choice[] }[]
  readonly onChoose: (choice: Choice) => void
}

/** A field above what was found. The arrow keys choose, and Enter takes; the field keeps the focus. */
export const Finder = <Choice extends Found>(props: FinderProps<Choice>) => {
  const { label, placeholder, none, icon, text, onText, groups, onChoose } = props
  const [at, setAt] = useState(0)
  const choices = groups.flatMap((group) => group.choices)
  const place = Math.min(at, choices.length - 1)
  const active = choices[place]
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: 0 }[event.key]
    if (step === undefined || active === undefined) return
    event.preventDefault()
    if (step === 0) onChoose(active)
    const next = (place + step + choices.length) % choices.length
    setAt(next)
    document.getElementById(`found-${choices[next]?.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <>
      <div className="palette-field">
        {icon}
        <input
          type="text"
          role="combobox"
          aria-label={label}
          aria-expanded={choices.length > 0}
          aria-controls="found"
          aria-activedescendant={active && `found-${active.id}`}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: it was opened to type here.
          autoFocus
          value={text}
          onChange={({ target }) => {
            onText(target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="found" className="palette-list" role="listbox" aria-label={label}>
        {groups.map(({ name, choices: ofGroup }) => (
          // biome-ignore lint/a11y/useSemanticElements: a list of options has groups, not field sets.
          <div key={name} role="group" aria-label={name}>
            <p aria-hidden="true">{name}</p>
            {ofGroup.map((choice) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above keeps the focus and takes the keys.
              // biome-ignore lint/a11y/useFocusableInteractive: as above.
              <div
                key={choice.id}
                id={`found-${choice.id}`}
                role="option"
                aria-selected={choice === active}
                onClick={() => onChoose(choice)}
              >
                <span>{choice.text}</span>
                <small>{choice.detail}</small>
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className="palette-none" role="status">
        {choices.length === 0 ? none : ''}
      </p>
    </>
  )
}
