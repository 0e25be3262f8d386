import type { ReactNode } from 'react'

interface DisclosureProps {
  readonly title: ReactNode
  /** A person can open and close it whatever this says, until it changes. */
  readonly isOpen?: boolean
  readonly children: ReactNode
}

/** Details that a person opens. */
export const Disclosure = ({ title, isOpen, children }: DisclosureProps) => (
  <details className="disclosure" open={isOpen}>
    <summary>{title}</summary>
    {children}
  </details>
)
