export type RingTone = 'info' | 'warning' | 'danger'

interface RingProps {
  /** What is left, in words: screen readers read it instead. */
  readonly label: string
  /** How much of the ring is filled, 0 to 1. */
  readonly part: number
  readonly tone: RingTone
  readonly value: string
  readonly unit: string
}

/** How much is left of something, as a ring with a number in it. */
export const Ring = ({ label, part, tone, value, unit }: RingProps) => (
  <div className="ring" data-tone={tone} role="img" aria-label={label}>
    <svg viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r="16" />
      <circle cx="18" cy="18" r="16" pathLength="100" strokeDasharray={`${Math.min(1, part) * 100} 100`} />
    </svg>
    <strong>{value}</strong>
    <span>{unit}</span>
  </div>
)
