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

type Row = readonly string[]

const widest = 60

/** Breaks a text into lines of a cell, between words where they are not too long. */
const linesOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    for (const word of paragraph.match(new RegExp(`\\S{1,${widest}}`, 'g')) ?? []) {
      const last = lines.at(-1)
      if (last !== undefined && last.length + word.length < widest) lines[lines.length - 1] = `${last} ${word}`
      else lines.push(word)
    }
    return lines
  })

/** A table for a terminal. Long cells have several lines. */
export const tableOf = (head: Row, rows: readonly Row[]): readonly string[] => {
  const cells = [head, ...rows].map((row) => row.map(linesOf))
  const widths = head.map((_, column) =>
    Math.max(...cells.flatMap((row) => row[column] ?? []).map(({ length }) => length)),
  )
  const [first = '', ...others] = cells.flatMap((row) =>
    Array.from({ length: Math.max(...row.map(({ length }) => length)) }, (_, line) =>
      widths
        .map((width, column) => (row[column]?.[line] ?? '').padEnd(width))
        .join('  ')
        .trimEnd(),
    ),
  )
  return [first, widths.map((width) => '-'.repeat(width)).join('  '), ...others]
}

const verdictWords = { ok: 'ok', note: 'note', change: 'CHANGE', untried: 'not tried' } as const

export const reportOf = (findings: readonly Finding[]): readonly string[] =>
  tableOf(
    ['check', '', 'result', 'what to change'],
    findings.map(({ check, verdict, result, change = '' }) => [check, verdictWords[verdict], result, change]),
  )

export const mustChange = (findings: readonly Finding[]): boolean =>
  findings.some(({ verdict }) => verdict === 'change')

/** The first few of many, for a sentence. */
export const fewOf = (items: readonly string[], max = 5): string =>
  items.length > max ? `${items.slice(0, max).join(', ')} and ${items.length - max} more` : items.join(', ')

/** Why something could not be done, in the words of the engine or the machine where they are known. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? refusalOf(error.cause).reason : messageOf(error)
