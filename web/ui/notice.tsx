import type { ReactNode } from 'react'

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
