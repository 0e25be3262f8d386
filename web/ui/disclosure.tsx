import type { ReactNode } from 'react'

interface DisclosureProps {
  readonly title: ReactNode
  readonly children: ReactNode
}

/** Details that a person opens. */
export const Disclosure = ({ title, children }: DisclosureProps) => (
  <details className="disclosure">
    <summary>{title}</summary>
    {children}
  </details>
)
