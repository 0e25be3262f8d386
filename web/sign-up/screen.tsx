import { type ReactNode, useEffect, useRef } from 'react'
import type { catalogue } from '../texts/catalogues/sign-up.ts'
import { usePageOf } from '../ui/use-page.ts'

const steps = 3

interface ScreenProps {
  /** From 1; undefined outside the three steps. */
  readonly step?: number
  readonly title: string
  readonly lead?: ReactNode
  readonly children?: ReactNode
}

/** One screen of sign-up. A screen that replaces another one gets the focus, so that it is announced. */
export const Screen = ({ step, title, lead, children }: ScreenProps) => {
  const { t } = usePage()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])
  return (
    <section className="card">
      {step === undefined ? null : (
        <p className="step-count">
          <span className="step-dots" data-step={step} aria-hidden="true" />
          {t('step', { step, steps })}
        </p>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead === undefined ? null : <p className="lead">{lead}</p>}
      {children}
    </section>
  )
}

export const usePage = () => usePageOf<keyof typeof catalogue>()
