import { callLines } from './call-lines.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'
import { jobLines } from './job-lines.ts'

/** Copied, read back, released. */
const jobs = 3

/** Three before the end, suspended, archived, two before the purge, purged. */
const messages = 8

/** Of the machines that suspend, archive and purge, with some retries. */
const transitions = 25
const writeUnits = 120

/** The end of a trial that nobody pays for: reminded, suspended, archived, warned, purged. */
export const endingLines = (): readonly CostLine[] => [
  ...jobLines('Archiver', jobs),
  costLine('Ending: transitions', 'transition', transitions),
  ...callLines('Ending', transitions),
  costLine('Ending: writes', 'tableWrite', writeUnits),
  costLine('Ending: mail', 'mail', messages),
]
