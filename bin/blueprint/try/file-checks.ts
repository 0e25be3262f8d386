import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { diagnose } from '../../../lambdas/sites/evidence/diagnose.ts'
import { type Finding, fewOf, findingsOf } from './findings.ts'
import type { LogLine } from './follow-logs.ts'

const inData = `\${DATA_DIRECTORY}`

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
    `Write below ${inData} or /tmp, or name the directories in \`writable\`.`,
  )
}

/** Below the `HOME` of a plain process: caches and settings. */
const isOfHome = (path: string): boolean => /\/files\/site_\w+\/home\//.test(path)

const isDatabase = (path: string): boolean => /\.(?:db|sqlite\d?|mdb|ldb|rdb)$/i.test(path)

/** Files outside the data directory are in no archive, and in containers gone with the next start. */
export const checkStrayFiles = (paths: readonly string[] | undefined, isProcess: boolean): Finding => {
  const { ok, note, wrong, untried } = findingsOf('other files')
  if (paths === undefined) return untried('Only root on the machine of the engine can look.', 'Try again as root.')
  if (paths.length === 0) return ok('It wrote none outside its data directory.')
  const misplaced = paths.filter((path) => (isProcess && !isOfHome(path)) || isDatabase(path))
  const change = `Store what must stay below ${inData}, for example by \`environment: {HOME: ${inData}}\`.`
  const result = (some: readonly string[]): string => `Outside its data directory: ${fewOf(some)}.`
  return misplaced.length > 0 ? wrong(result(misplaced), change) : note(result(paths), change)
}

/** `$NAME` in a variable or a file stays as it is. */
export const checkLiteralVariables = ({ containers }: Blueprint): readonly Finding[] =>
  containers.flatMap(({ environment, secrets, files = {} }) => {
    const ofSitewright = ['PORT', 'HOST', 'DATA_DIRECTORY', 'FILES_DIRECTORY', 'SITE_URL']
    const known = [...ofSitewright, ...Object.keys(environment), ...secrets]
    return Object.entries({ ...environment, ...files }).flatMap(([name, text]) => {
      const words = [...text.matchAll(/(?<!\$)\$([A-Za-z_]\w*)/g)].map(([, word = '']) => word)
      const word = words.find((one) => known.includes(one))
      if (word === undefined) return []
      const change = `Write \${${word}}, or $$${word} for that text.`
      return [findingsOf('variables').wrong(`$${word} in '${name}' stays as it is: no shell reads it.`, change)]
    })
  })
