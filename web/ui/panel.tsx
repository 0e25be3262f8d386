import type { ReactNode } from 'react'

export type Fact = readonly [name: string, value: ReactNode]

/** A false or undefined fact is left out. */
export const Facts = ({ facts }: { readonly facts: readonly (Fact | false | undefined)[] }) => (
  <dl className="facts">
    {facts
      .filter((fact) => fact !== undefined && fact !== false)
      .map(([name, value]) => (
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
  readonly variant?: 'wide' | 'main' | 'half' | 'side'
  readonly children: ReactNode
}

export const Panel = ({ title, aside, variant, children }: PanelProps) => (
  <section className="panel" data-variant={variant}>
    <header>
      <h2>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
)

/** What a program wrote. It scrolls, so the keyboard reaches it. */
export const Output = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, a keyboard cannot scroll it.
  <section className="output" aria-label={label} tabIndex={0}>
    <pre>{children}</pre>
  </section>
)

interface NoticeProps {
  readonly tone?: 'info' | 'warning' | 'danger' | 'good'
  readonly title?: string | undefined
  readonly children: ReactNode
}

/** Something that a person should know, announced when it appears. */
export const Notice = ({ tone = 'info', title, children }: NoticeProps) => (
  <div className="notice" data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
    {title === undefined ? null : <strong>{title}</strong>}
    <div>{children}</div>
  </div>
)

/** A quiet line that is announced when it appears. */
export const Status = ({ children }: Pick<NoticeProps, 'children'>) => (
  <p className="hint" role="status">
    {children}
  </p>
)

/** A word for a state. Its colour repeats what the word says. */
export const Badge = ({ tone = 'info', children }: Omit<NoticeProps, 'title'>) => (
  <span className="badge" data-tone={tone}>
    {children}
  </span>
)

interface DisclosureProps {
  readonly title: ReactNode
  /** A person can open and close it whatever this says, until it changes. */
  readonly isOpen?: boolean
  readonly onToggle?: (isOpen: boolean) => void
  readonly children: ReactNode
}

export const Disclosure = ({ title, isOpen, onToggle, children }: DisclosureProps) => (
  <details className="disclosure" open={isOpen} onToggle={({ currentTarget }) => onToggle?.(currentTarget.open)}>
    <summary>{title}</summary>
    {children}
  </details>
)

interface ProgressProps {
  readonly label: string
  readonly percent: number
  readonly tone?: 'warning' | 'danger' | undefined
}

export const Progress = ({ label, percent, tone }: ProgressProps) => (
  <progress className="progress" max={100} value={percent} aria-label={label} data-tone={tone} />
)

type StepStatus = 'pending' | 'running' | 'done' | 'failed'
interface StepsProps {
  readonly steps: readonly { readonly name: string; readonly status: StepStatus; readonly word: string }[]
}

export const Steps = ({ steps }: StepsProps) => (
  <ol className="steps">
    {steps.map(({ name, status, word }) => (
      <li key={name} data-status={status}>
        <span className="step-mark" aria-hidden="true" />
        <span>{name}</span>
        <span className="step-word">{word}</span>
      </li>
    ))}
  </ol>
)
