import { join } from 'node:path'
import { cellsOfHost } from '../../support/cells-of-host.ts'
import { httpCall } from '../../support/http-call.ts'
import { filesOf, keyIn, runSite } from '../../support/site-command.ts'
import { awaitValue, check } from '../expectations.ts'
import type { OwnHost } from '../start-host.ts'
import type { Timeline } from '../timeline.ts'
import { checkWrites, underLoad, urlAt, type VisitedSite } from './visited-site.ts'

const command = async (host: OwnHost, parameters: readonly string[], environment = {}): Promise<string> => {
  const { code, said } = await runSite(host, parameters, environment)
  if (code === 0) return said
  throw new Error(`npm run site -- ${parameters.join(' ')} ended with ${code}: ${said}`)
}

interface Ways {
  readonly timeline: Timeline
  readonly site: VisitedSite
  /** Where the bundles are written. */
  readonly directory: string
}

/** Moves a site under load from one host to another, as a bundle. */
export const moveSite = async (
  { timeline: { step }, site, directory }: Ways,
  { from, to, name }: { readonly from: OwnHost; readonly to: OwnHost; readonly name: string },
): Promise<void> => {
  const bundle = join(directory, name)
  const there = urlAt(to, site)
  let leftAt = 0
  await step(
    `${name}: it leaves under load`,
    async () => {
      const leave = (): Promise<string> => {
        leftAt = performance.now()
        return command(from, ['leave', site.id, '--hostname', there])
      }
      await underLoad(from, [site], leave, { endsElsewhere: true })
      const statusOf = async () => (await httpCall({ url: `${urlAt(from, site)}/a` })).status
      await awaitValue('status at its former address', statusOf, 308, 100)
    },
    () => `${site.acknowledged.length} writes so far; visitors are sent on`,
  )
  const key = await step(`${name}: export`, async () => keyIn(await command(from, ['export', site.id, '--to', bundle])))
  const environment = { SITEWRIGHT_BUNDLE_KEY: key }
  await step(
    `${name}: import`,
    async () => {
      const said = await command(to, ['import', bundle], environment)
      check('that it runs', said.includes('It runs'), true)
      return Math.round(performance.now() - leftAt)
    },
    (milliseconds) => `it runs there ${milliseconds} ms after it was told to leave`,
  )
  await step(
    `${name}: files and writes`,
    async () => {
      const { count, digest } = await filesOf(bundle)
      const logs = await (await cellsOfHost(to)).logsOf(site.id)
      check(
        `whether it started with the ${count} files of the bundle`,
        logs.includes(`starts with files ${digest}`),
        true,
      )
      return `${count} files with equal digests; ${await checkWrites(to, [site])}`
    },
    (said) => said,
  )
  await step(`${name}: the same again`, async () => {
    const said = await command(to, ['import', bundle], environment)
    check('that nothing was changed', said.includes('Nothing was changed'), true)
  })
}
