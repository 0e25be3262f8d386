import { useEffect, useRef } from 'react'

/** On a phone a row scrolls to the side: shows one of its elements in its middle. */
const scrollToMiddle = (row?: HTMLElement | null, element?: Element | null): void => {
  if (element instanceof HTMLElement && row)
    row.scrollTo({ left: element.offsetLeft - row.offsetLeft - (row.clientWidth - element.clientWidth) / 2 })
}

interface ChipsProps {
  readonly label: string
  readonly chips: readonly { readonly text: string; readonly href: string; readonly isChosen: boolean }[]
}

/** Filters to choose one of. Each is a link: the address holds the choice. */
export const Chips = ({ label, chips }: ChipsProps) => {
  const row = useRef<HTMLDivElement>(null)
  const chosen = chips.findIndex(({ isChosen }) => isChosen)
  useEffect(() => scrollToMiddle(row.current, row.current?.children[chosen]), [chosen])
  return (
    // biome-ignore lint/a11y/useSemanticElements: links are no fields of a field set.
    <div className="chips" role="group" aria-label={label} ref={row}>
      {chips.map(({ text, href, isChosen }) => (
        <a key={href} className="chip" href={href} aria-current={isChosen ? 'true' : undefined}>
          {text}
        </a>
      ))}
    </div>
  )
}
