import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { diagnose } from '../../../core/evidence/diagnose.ts'
import type { Finding } from './findings.ts'
import { fewOf } from './findings.ts'
import type { LogLine } from './follow-logs.ts'

/** The refused writes that a site reported although it is healthy. */
export const checkRefusedWrites = (lines: readonly LogLine[]): Finding => {
  const check = 'refused writes'
  const found = lines.flatMap(({ container, text }) => {
    const observation = { containers: [{ name: container, isRunning: true, ends: 0, lines: [text] }] }
    const { cause, detail } = diagnose(observation, undefined, '/')
    return cause === 'refused-write' ? [/ a write to (\S+): "/.exec(detail)?.[1] ?? text.trim()] : []
  })
  const paths = [...new Set(found)]
  if (paths.length === 0) return { check, verdict: 'ok', result: 'Its output shows none.' }
  const change = `Write below \${DATA_DIRECTORY} or /tmp, or name the directories in \`writable\`.`
  return { check, verdict: 'change', result: `${fewOf(paths)}.`, change }
}

const isDatabase = (path: string): boolean => /\.(?:db|sqlite\d?|mdb|ldb|rdb)$/i.test(path)

/** Files outside the data directory are in no archive, and in containers gone with the next start. */
export const checkStrayFiles = (paths: readonly string[], isProcess: boolean): Finding => {
  const check = 'other files'
  if (paths.length === 0) return { check, verdict: 'ok', result: 'It wrote none outside its data directory.' }
  const mustMove = paths.filter((path) => isProcess || isDatabase(path))
  const change = `Store what must stay below \${DATA_DIRECTORY}.`
  const result = `Outside its data directory: ${fewOf(mustMove.length > 0 ? mustMove : paths)}.`
  return { check, verdict: mustMove.length > 0 ? 'change' : 'note', result, change }
}

/** `$NAME` in a variable stays as it is: nothing reads it. */
export const checkLiteralVariables = ({ containers }: Blueprint): readonly Finding[] =>
  containers.flatMap(({ environment, secrets, files = {} }) => {
    const known = [
      'PORT',
      'HOST',
      'DATA_DIRECTORY',
      'FILES_DIRECTORY',
      'SITE_URL',
      ...Object.keys(environment),
      ...secrets,
    ]
    return Object.entries({ ...environment, ...files }).flatMap(([name, text]) => {
      const literal = [...text.matchAll(/(?<!\$)\$([A-Za-z_]\w*)/g)].find(([, word = '']) => known.includes(word))
      if (literal === undefined) return []
      const [written, word] = literal
      const result = `${written} in '${name}' stays as it is: no shell reads it.`
      const change = `Write \${${word}}, or $${written} for that text.`
      return [{ check: 'variables', verdict: 'change' as const, result, change }]
    })
  })
