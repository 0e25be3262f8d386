import { readFileSync } from 'node:fs'
import { functions, reservedOf, usualConcurrency } from '../lambdas/manifest.ts'

const begin = '<!-- Generated from the manifest by tools/generate-docs.ts: '
const end = '<!-- End of the generated part -->'

/** What changes sites, their domains or their remains. */
const changing = /^(sites|domains):write$|^domains:serve$|:remove$/

/** The functions that change something without a person's request, by the clock or by events. */
const automaticFunctions = functions
  .filter(
    ({ triggers, uses }) =>
      triggers.some((trigger) => 'everyMinutes' in trigger || 'events' in trigger || 'platformEvents' in trigger) &&
      uses.some((capability) => changing.test(capability)),
  )
  .toSorted((one, other) => one.name.localeCompare(other.name))

const loop = (names: readonly string[], command: string): string =>
  [
    `for FUNCTION in ${names.join(' ')}; do`,
    `  aws lambda ${command.replace('NAME', '--function-name sitewright-production-$FUNCTION')}`,
    'done',
  ].join('\n')

/** By how many of a function may run at once: what its deployment reserves. */
const byReservation = Map.groupBy(automaticFunctions, (one) => reservedOf(one, usualConcurrency))

const startAgain = (reserved: number | undefined): string =>
  loop(
    (byReservation.get(reserved) ?? []).map(({ name }) => name),
    reserved === undefined
      ? 'delete-function-concurrency NAME'
      : `put-function-concurrency NAME --reserved-concurrent-executions ${reserved}`,
  )

const generated: Readonly<Record<string, string>> = {
  stop: loop(
    automaticFunctions.map(({ name }) => name),
    'put-function-concurrency NAME --reserved-concurrent-executions 0',
  ),
  start: [...byReservation.keys()]
    .toSorted((one = Number.POSITIVE_INFINITY, other = Number.POSITIVE_INFINITY) => one - other)
    .map(startAgain)
    .join('\n'),
}

/** The page as it stands, with its lists of functions from the manifest. */
export const recoveryPage = (): string =>
  readFileSync(new URL('../docs/recovery.md', import.meta.url), 'utf8').replaceAll(
    new RegExp(`${begin}(\\w+) -->[^]*?${end}`, 'g'),
    (_, part: string) => `${begin}${part} -->\n\n\`\`\`sh\n${generated[part]}\n\`\`\`\n\n${end}`,
  )
