import { refusalOf } from '../../../adapters/containers/engine-error.ts'
import { messageOf } from '../../command-line/read-options.ts'

export interface Finding {
  readonly check: string
  /** `change`: something must change before the blueprint is offered. `untried`: the check could not be made. */
  readonly verdict: 'ok' | 'note' | 'change' | 'untried'
  readonly result: string
  /** What to change, or how to try it. */
  readonly change?: string
}

export const findingsOf = (check: string) => ({
  ok: (result: string): Finding => ({ check, verdict: 'ok', result }),
  note: (result: string, change = ''): Finding => ({ check, verdict: 'note', result, change }),
  wrong: (result: string, change: string): Finding => ({ check, verdict: 'change', result, change }),
  untried: (result: string, change: string): Finding => ({ check, verdict: 'untried', result, change }),
})

const verdictWords = { ok: 'ok', note: 'note', change: 'CHANGE', untried: 'not tried' } as const

/** What each check found, for a terminal, and below it what to change. */
export const reportOf = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ check, verdict, result, change }) => [
    `${verdictWords[verdict].padEnd(9)}  ${check}: ${result}`,
    ...(change ? [`${' '.repeat(11)}${change}`] : []),
  ])

export const mustChange = (findings: readonly Finding[]): boolean =>
  findings.some(({ verdict }) => verdict === 'change')

/** The first few of many, for a sentence. */
export const fewOf = (items: readonly string[], max = 5): string =>
  items.length > max ? `${items.slice(0, max).join(', ')} and ${items.length - max} more` : items.join(', ')

/** Why something could not be done, in the words of the engine or the machine where they are known. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? refusalOf(error.cause).reason : messageOf(error)
