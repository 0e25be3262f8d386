import type { Clocks, Log, Randomness } from '../../core/ports/context.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'

/** Different on purpose, so that a test sees which of the two was asked. */
export const domainNow = '2026-05-01T12:00:00.000Z'
export const wallNow = '2026-03-01T12:00:00.000Z'

const fixedClocks: Clocks = { domain: () => domainNow, wall: () => wallNow }

/** Ids that count up from one, and always the first of what there is to choose from. */
const countingRandomness = (): Randomness => {
  let count = 0
  const next = () => {
    count += 1
    return String(count)
  }
  return {
    id: (prefix) => `${prefix}_${next().padStart(26, '0')}`,
    token: () => next().padStart(43, 't'),
    integer: () => 0,
  }
}

export const fixedContext = (): ChangeContext => ({
  actor: { kind: 'system' },
  causationId: 'req_00000000000000000000000001',
  clocks: fixedClocks,
  randomness: countingRandomness(),
})

export interface RecordedLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

export const recordingLog = (): Log & { readonly lines: RecordedLine[] } => {
  const lines: RecordedLine[] = []
  const at = (level: RecordedLine['level']) => (fields: RecordedLine['fields'], message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
