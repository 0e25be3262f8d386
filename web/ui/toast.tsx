import { type ReactNode, useEffect, useState } from 'react'
import type { ui } from '../texts/catalogues/ui.ts'
import { Button } from './button.tsx'
import { usePageOf } from './use-page.ts'

interface Said {
  readonly text: ReactNode
  readonly tone?: 'good' | 'danger'
  /** Takes back what was done, and says how that went. */
  readonly undo?: () => unknown
}

let show: (said: Said) => void = () => undefined

/** Says what has changed, on a page that has `Toasts`. */
export const toast = (said: Said): void => show(said)

const maxToasts = 3
const shownMilliseconds = 15_000

interface ToastProps extends Said {
  /** The pointer or the focus is on it, so it does not close. */
  readonly isHeld: boolean
  readonly close: () => void
}

const Toast = ({ text, tone = 'good', undo, isHeld, close }: ToastProps) => {
  const { t } = usePageOf<keyof typeof ui>()
  useEffect(() => {
    const timer = isHeld ? undefined : setTimeout(close, shownMilliseconds)
    return () => clearTimeout(timer)
  }, [isHeld, close])
  const takeBack = () => {
    close()
    undo?.()
  }
  return (
    <li className="toast" data-tone={tone} onKeyDown={({ key }) => key === 'Escape' && close()}>
      <p>{text}</p>
      {undo === undefined ? null : (
        <Button tone="plain" onClick={takeBack}>
          {t('toast.undo')}
        </Button>
      )}
      <Button tone="plain" aria-label={t('toast.close')} onClick={close}>
        <span aria-hidden="true">✕</span>
      </Button>
    </li>
  )
}

const isInToast = (): boolean => document.querySelector('.toast:focus-within') !== null

interface Shown extends Said {
  readonly id: number
  readonly close: () => void
}

/** Where toasts appear. Screen readers hear each; F6 goes to the newest, and Escape closes it and goes back. */
export const Toasts = () => {
  const [toasts, setToasts] = useState<readonly Shown[]>([])
  const [isHeld, setHeld] = useState(false)
  useEffect(() => {
    let last = 0
    let cameFrom: Element | null = null
    show = (said) => {
      last += 1
      const id = last
      const close = (): void => {
        setHeld(false)
        setToasts((before) => before.filter((other) => other.id !== id))
        // Somebody who has left the toast stays where they are.
        if (isInToast() && cameFrom instanceof HTMLElement) cameFrom.focus()
        cameFrom = null
      }
      setToasts((before) => [...before, { ...said, id, close }].slice(-maxToasts))
    }
    const onKey = (event: KeyboardEvent): void => {
      const button = event.key === 'F6' ? document.querySelector<HTMLElement>('.toast:last-child button') : null
      if (button === null || isInToast()) return
      event.preventDefault()
      cameFrom = document.activeElement
      button.focus()
    }
    // What was said is about the view before.
    const onView = (): void => {
      cameFrom = null
      setHeld(false)
      setToasts([])
    }
    addEventListener('keydown', onKey)
    addEventListener('hashchange', onView)
    return () => {
      removeEventListener('keydown', onKey)
      removeEventListener('hashchange', onView)
    }
  }, [])
  const hold = { onPointerEnter: () => setHeld(true), onFocus: () => setHeld(true) }
  const release = { onPointerLeave: () => setHeld(isInToast()), onBlur: () => setHeld(false) }
  return (
    // Also above a dialog, which makes all else inert.
    <div className="toasts" role="status" data-react-aria-top-layer="true" {...hold} {...release}>
      <ul>
        {toasts.map(({ id, ...shown }) => (
          <Toast key={id} {...shown} isHeld={isHeld} />
        ))}
      </ul>
    </div>
  )
}
