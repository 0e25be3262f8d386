import type { Launch, SiteObserver } from '../../../core/ports/runtime.ts'
import { diagnose } from '../../../lambdas/sites/evidence/diagnose.ts'
import { redacted } from '../../../lambdas/sites/evidence/evidence.ts'
import { type Finding, fewOf, findingsOf } from './findings.ts'

/** Lines that are looked through for refused writes. */
const maxKept = 5000

const pollMilliseconds = 250

export interface LogLine {
  readonly container: string
  readonly text: string
}

/** Prints what a site prints while it starts, without its secrets, and keeps the lines that follow. */
export const followLogs = (
  runtime: Pick<SiteObserver, 'readLogs'>,
  launch: Pick<Launch, 'siteId' | 'cell' | 'secrets'>,
  print: (line: string) => void,
) => {
  const hidden = Object.values(launch.secrets)
  const kept: LogLine[] = []
  let after: Record<string, string> = {}
  let isShown = true

  const read = async (): Promise<void> => {
    // Podman cannot read the output of what just ends.
    const logs = await runtime.readLogs(launch, after).catch(() => [])
    for (const { container, lines, position } of logs) {
      after = { ...after, [container]: position }
      for (const line of lines) {
        const text = redacted(line, hidden)
        if (isShown) print(`  [${container}] ${text}`)
        kept.push({ container, text })
      }
    }
    kept.splice(0, kept.length - maxKept)
  }
  let reading = read()
  const pull = (): Promise<void> => {
    reading = reading.then(read)
    return reading
  }
  let isPulling = false
  // A busy machine may take longer to read than the pause is.
  const timer = setInterval(async () => {
    if (isPulling) return
    isPulling = true
    await pull()
    isPulling = false
  }, pollMilliseconds).unref()

  return {
    /** Prints the lines of the start, and no more. */
    hush: async (): Promise<void> => {
      await pull()
      isShown = false
    },
    /** Reads the rest. The next start has a log of its own. @returns the last lines. */
    end: async (): Promise<readonly LogLine[]> => {
      clearInterval(timer)
      await pull()
      return kept
    },
  }
}

/** The refused writes that a site reported although it is healthy. */
export const checkRefusedWrites = (lines: readonly LogLine[]): Finding => {
  const { ok, wrong } = findingsOf('refused writes')
  const found = lines.flatMap(({ container, text }) => {
    const observation = { containers: [{ name: container, isRunning: true, ends: 0, lines: [text] }] }
    const { cause, detail } = diagnose(observation, undefined, { healthPath: '/' })
    return cause === 'refused-write' ? [/ a write to (\S+): "/.exec(detail)?.[1] ?? text.trim()] : []
  })
  if (found.length === 0) return ok('Its output shows none.')
  return wrong(
    `${fewOf([...new Set(found)])}.`,
    `Write below \${DATA_DIRECTORY} or /tmp, or name the directories in \`writable\`.`,
  )
}
