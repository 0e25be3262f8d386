import { useTexts } from '../texts/texts.ts'

interface FunnelProps {
  /** The steps from the widest on, with how many came there. */
  readonly steps: readonly { readonly name: string; readonly count: number }[]
  /** Says which share of the step before came to a step. */
  readonly sayShare: (share: string) => string
}

/** How many came to each step, each as wide as its number, and narrowing to the next. */
export const Funnel = ({ steps, sayShare }: FunnelProps) => {
  const { format } = useTexts()
  const max = Math.max(1, ...steps.map(({ count }) => count))
  const half = (count: number): number => Math.max(0.4, (50 * count) / max)
  return (
    <ol className="funnel">
      {steps.map(({ name, count }, place) => {
        const before = steps[place - 1]?.count ?? 0
        const [top, bottom] = [half(count), half(steps[place + 1]?.count ?? count)]
        return (
          <li key={name}>
            <span className="funnel-name">{name}</span>
            <svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
              <polygon points={`${50 - top},0 ${50 + top},0 ${50 + bottom},40 ${50 - bottom},40`} />
            </svg>
            <span className="funnel-count">
              <b>{format.number(count)}</b>
              {before >= count && before > 0 ? <small>{sayShare(format.percent(count / before))}</small> : null}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
