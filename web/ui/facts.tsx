import type { ReactNode } from 'react'

export type Fact = readonly [name: string, value: ReactNode]

/** Names and values, such as the properties of one thing. */
export const Facts = ({ facts }: { readonly facts: readonly Fact[] }) => (
  <dl className="facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

interface PanelProps {
  readonly title: string
  readonly aside?: ReactNode
  readonly look?: 'wide' | 'most' | 'half' | 'side'
  readonly children: ReactNode
}

/** A part of a page with a heading. */
export const Panel = ({ title, aside, look, children }: PanelProps) => (
  <section className="panel" data-look={look}>
    <header>
      <h2>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
)

interface OutputProps {
  readonly label: string
  readonly children: string
}

/** What a program wrote. It scrolls, so the keyboard reaches it. */
export const Output = ({ label, children }: OutputProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, a keyboard cannot scroll it.
  <section className="output" aria-label={label} tabIndex={0}>
    <pre>{children}</pre>
  </section>
)
