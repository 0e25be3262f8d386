import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { operatorToken } from '../../../bin/command-line/operator-token.ts'
import { operatorsCall } from '../../../bin/command-line/operators-call.ts'
import { publishOnMachine } from '../../../bin/publish/publish-on-machine.ts'
import { rolloutsSchema, watchRollouts } from '../../../bin/rollout/follow-rollout.ts'
import { httpCall } from '../../support/http-call.ts'
import { asker } from '../api.ts'
import { awaitValue } from '../expectations.ts'
import { type Kind, writeVersion } from './versions.ts'

const ask = asker(httpCall)
const siteSchema = z.looseObject({
  status: z.string(),
  blueprint: z.looseObject({ version: z.int() }),
  operation: z.string().nullable(),
})
const eventsSchema = z.looseObject({ events: z.array(z.looseObject({ type: z.string(), at: z.string() })) })
const blueprintsSchema = z.looseObject({
  blueprints: z.array(z.looseObject({ name: z.string(), current: z.int().nullable() })),
})

/** What an operator does about releases of some blueprints, and sees of them. */
export const operating = async (origin: string, names: readonly Kind[]) => {
  const isOurs = (name: string): boolean => names.some((one) => one === name)
  const base = `${origin}/v1/operator`
  const token = await operatorToken(origin, 'release@example.com')
  const headers = { authorization: `Bearer ${token}` }
  const call = operatorsCall(origin, token)
  const get = async <Output>(path: string, schema: z.ZodType<Output>): Promise<Output> =>
    (await ask({ url: `${base}${path}`, headers }, [200], schema)).body
  const read = async () => (await call('rollouts', rolloutsSchema)).filter(({ blueprint }) => isOurs(blueprint))
  const currents = async () => {
    const { blueprints } = await get('/blueprints', blueprintsSchema)
    return blueprints.filter(({ name }) => isOurs(name)).map(({ current }) => current)
  }
  /** Waits until new sites get a version. */
  const awaitCurrent = async (version: number): Promise<void> => {
    const wanted = names.map(() => version)
    await awaitValue('versions of new sites', currents, wanted, 100)
  }
  const readSite = (siteId: string) => get(`/sites/${siteId}`, siteSchema)
  return {
    awaitCurrent,
    read,
    readSite,
    /** Publishes the blueprints, and waits until new sites get the version. */
    publish: async (directory: string, version: number) => {
      for (const file of await writeVersion(directory, version, names)) await publishOnMachine(file, { url: origin })
      await awaitCurrent(version)
    },
    /** Starts the roll-outs, and follows them to their end. Prints each state and wave once. */
    rollOut: async (
      version: number,
      print: (line: string) => void,
      { waves = [{ sites: 1 }, { percent: 40 }], failureBudget = 0 }: { waves?: object[]; failureBudget?: number } = {},
    ) => {
      for (const blueprint of names) {
        const body = { blueprint, version, waves, failureBudget, reason: 'The story of a release' }
        await call('rollouts', rolloutsSchema, body)
      }
      const printed = new Set<string>()
      const printOnce = (line: string): void => {
        const [head = '', wave = ''] = line.split(', ')
        const end = `${head}, ${wave}`
        if (line.startsWith(' ') || printed.has(end)) return
        printed.add(end)
        print(line)
      }
      await watchRollouts({ read, print: printOnce, pause: () => pause(500) })
      return read()
    },
    /** The version of a site, and its operation. */
    status: async (siteId: string) => {
      const { blueprint, operation } = await readSite(siteId)
      return [blueprint.version, operation] as const
    },
    /** When a site got another version for the first time. */
    upgradedAt: async (siteId: string) => {
      const { events } = await get(`/sites/${siteId}/events`, eventsSchema)
      return events.findLast(({ type }) => type === 'SiteUpgraded')?.at ?? ''
    },
  }
}
