import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { poolIsFull } from './visitor.ts'

const walkThrough = async (): Promise<string> => {
  const readme = await readFile(new URL('../../docs/first-steps.md', import.meta.url), 'utf8')
  const block = /<!-- walk-through[^>]*-->\n```sh\n(.*?)```/s.exec(readme)?.[1]
  expect(block).toBeDefined()
  return block!
}

it('the first steps work as it stands', async () => {
  await using host = await startHost()
  // A person types later than that.
  await poolIsFull(host)
  const banner = 'Sitewright is running at'
  const printed = await waitFor(async () => host.output().includes(banner) && host.output())
  // On a slow machine, the first site may be ready before the host is.
  const before = printed.slice(0, printed.indexOf(banner)).replace(/^.*"event":"blueprint-current".*$/m, '')
  expect(before.trim(), 'nothing stands before what a person reads').toBe('')
  const script = (await walkThrough()).replaceAll(':4000', `:${host.port}`)
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script])
  const [hostname, site, entitlement, entry, entries, sites, openapi] = stdout.trim().split('\n')
  expect(JSON.parse(hostname!)).toMatchObject({ slug: 'ada', available: true })
  expect(JSON.parse(site!)).toMatchObject({ slug: 'ada', name: 'Ada and Co', status: 'active', plan: 'trial' })
  expect(JSON.parse(entitlement!)).toMatchObject({ name: 'Ada and Co', plan: 'trial' })
  expect(JSON.parse(entry!)).toMatchObject({ text: 'hello' })
  expect(JSON.parse(entries!)).toEqual({ entries: [JSON.parse(entry!)] })
  expect(JSON.parse(sites!).sites).toHaveLength(1)
  expect(openapi).toMatch(/^3\.1\./)
})
