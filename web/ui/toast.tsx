import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import type { ui } from '../texts/catalogues/ui.ts'
import { Button } from './button.tsx'
import { usePageOf } from './use-page.ts'

interface Toast {
  readonly text: ReactNode
  readonly tone?: 'good' | 'danger'
  /** Takes back what was done. It says itself how that went. */
  readonly undo?: () => unknown
}

/** The toasts on the page, oldest first. */
let shown: readonly (Toast & { readonly id: number })[] = []
let last = 0
const listeners = new Set<() => void>()

const show = (next: typeof shown): void => {
  shown = next
  for (const changed of listeners) changed()
}

const mostToasts = 3

/** Says what has changed. */
export const toast = (said: Toast): void => {
  last += 1
  show([...shown, { ...said, id: last }].slice(-mostToasts))
}

const close = (id: number): void => show(shown.filter((other) => other.id !== id))

const shownMilliseconds = 15_000

/** Goes by itself after a while, but not while somebody is on it. */
const OneToast = ({ id, text, tone = 'good', undo, isHeld }: (typeof shown)[number] & { isHeld: boolean }) => {
  const { t } = usePageOf<keyof typeof ui>()
  useEffect(() => {
    const timer = isHeld ? undefined : setTimeout(() => close(id), shownMilliseconds)
    return () => clearTimeout(timer)
  }, [id, isHeld])
  return (
    <li className="toast" data-tone={tone}>
      <p>{text}</p>
      {undo === undefined ? null : (
        <Button
          tone="plain"
          onClick={() => {
            close(id)
            undo()
          }}
        >
          {t('toast.undo')}
        </Button>
      )}
      <Button tone="plain" aria-label={t('toast.close')} onClick={() => close(id)}>
        <span aria-hidden="true">✕</span>
      </Button>
    </li>
  )
}

const subscribe = (changed: () => void) => {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

/** Where toasts appear. Screen readers hear each; F6 goes to the newest, and Escape closes it. */
export const Toasts = () => {
  const toasts = useSyncExternalStore(subscribe, () => shown)
  const [isHeld, setHeld] = useState(false)
  const newest = toasts.at(-1)?.id
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const button = event.key === 'F6' ? document.querySelector<HTMLElement>('.toast:last-child button') : null
      if (button === null) return
      event.preventDefault()
      button.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <div
      className="toasts"
      role="status"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      onKeyDown={({ key }) => key === 'Escape' && newest !== undefined && close(newest)}
    >
      <ul>
        {toasts.map((one) => (
          <OneToast key={one.id} {...one} isHeld={isHeld} />
        ))}
      </ul>
    </div>
  )
}
