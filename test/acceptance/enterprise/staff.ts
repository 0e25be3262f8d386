import * as z from 'zod'
import { httpCall } from '../../support/http-call.ts'
import { asker } from '../api.ts'

const ask = asker(httpCall)

const targetSchema = z.looseObject({
  plan: z.string().nullable(),
  blueprint: z.looseObject({ name: z.string(), version: z.int() }).nullable(),
  configuration: z.int().nullable(),
  cell: z.string().nullable(),
})
const relocationSchema = z.looseObject({
  revision: z.int(),
  state: z.string(),
  target: targetSchema,
  window: z.looseObject({ from: z.iso.datetime(), until: z.iso.datetime() }),
  interruption: z.looseObject({ seconds: z.int() }).nullable(),
  missed: z.looseObject({ because: z.string() }).nullable(),
})
const siteSchema = z.looseObject({
  plan: z.string(),
  cell: z.string(),
  operation: z.string().nullable(),
  blueprint: z.looseObject({ name: z.string(), version: z.int() }),
  relocation: relocationSchema.nullable(),
})
const rehearsalSchema = z.looseObject({
  rehearsal: z.looseObject({ status: z.string(), durations: z.record(z.string(), z.number()) }).nullable(),
  copiesFirst: z.boolean(),
})
const configurationSchema = z.looseObject({ versions: z.array(z.looseObject({ version: z.int() })) })
const blueprintsSchema = z.looseObject({
  blueprints: z.array(z.looseObject({ name: z.string(), current: z.int().nullable() })),
})
const failuresSchema = z.looseObject({ failures: z.array(z.looseObject({ cause: z.unknown() })) })
const ownerSiteSchema = z.looseObject({ relocation: relocationSchema.nullable() })

type Role = 'support' | 'sales' | 'admin'

/** The calls of a person of staff about one site. */
export const staffOf = async (origin: string, role: Role, siteId: string) => {
  const person = { email: `${role}@example.com`, role }
  const issued = { method: 'POST', url: `${origin}/_local/operators`, body: person } as const
  const { token } = (await ask(issued, [201], z.looseObject({ token: z.string() }))).body
  const headers = { authorization: `Bearer ${token}` }
  const site = `${origin}/v1/operator/sites/${siteId}`
  const get = async <Output>(url: string, schema: z.ZodType<Output>) =>
    (await ask({ url, headers }, [200], schema)).body
  const send = async (path: string, body: object, status: number, method: 'POST' | 'PUT' = 'POST') => {
    await ask({ method, url: `${site}${path}`, headers, body }, [status], z.unknown())
  }
  return {
    site: () => get(site, siteSchema),
    currentOf: async (name: string) => {
      const { blueprints } = await get(`${origin}/v1/operator/blueprints`, blueprintsSchema)
      return blueprints.find((one) => one.name === name)?.current ?? null
    },
    /** Keeps a secret for a blueprint that the site is to get. @returns the version of the configuration. */
    keepSecret: async (blueprint: object, secrets: object) => {
      await send('/configuration', { secrets, blueprint, basedOn: 0, reason: 'The story' }, 200)
      const { versions } = await get(`${site}/configuration`, configurationSchema)
      return versions[0]?.version ?? 0
    },
    plan: (plan: object) => send('/relocation', plan, 200, 'PUT'),
    rehearse: (target: object) => send('/rehearsal', { target, reason: 'The story' }, 202),
    rehearsal: () => get(`${site}/rehearsal`, rehearsalSchema),
    switchTo: (to: 'switched' | 'returned') => send('/relocation/switch-back', { to, reason: 'The story' }, 202),
    confirm: () => send('/relocation/confirm', { reason: 'The story' }, 200),
    failures: async () => (await get(`${site}/failures`, failuresSchema)).failures,
    /** Everything that staff can read of the site, as it is sent. */
    everything: async () => {
      const paths = ['', '/events', '/failures', '/logs', '/configuration', '/rehearsal']
      const urls = [...paths.map((path) => `${site}${path}`), `${origin}/v1/operator/audit`]
      const answers = await Promise.all(urls.map((url) => httpCall({ url, headers })))
      return answers.map(({ text }) => text).join('\n')
    },
  }
}
export type Staff = Awaited<ReturnType<typeof staffOf>>

/** What the owner does about a relocation of the site. */
export const ownerRelocation = (origin: string, token: string, siteId: string) => {
  const headers = { authorization: `Bearer ${token}` }
  const url = `${origin}/v1/sites/${siteId}`
  const read = async () => (await ask({ url, headers }, [200], ownerSiteSchema)).body.relocation
  return {
    read,
    /** Accepts the plan as it is shown. */
    accept: async () => {
      const body = { revision: (await read())?.revision ?? 0 }
      await ask({ method: 'POST', url: `${url}/relocation/accept`, headers, body }, [200], z.unknown())
    },
    /** Goes into the rehearsal. @returns how many entries it shows. */
    enterRehearsal: async () => {
      const call = { method: 'POST', url: `${url}/rehearsal/entrance`, headers } as const
      const opened = new URL((await ask(call, [201], z.looseObject({ url: z.url() }))).body.url)
      const { cookie = '', status } = await httpCall({ url: opened.href })
      if (status !== 303) throw new Error(`The entrance of the rehearsal answered ${status}.`)
      const entries = { url: new URL('/api/entries?limit=200', opened).href }
      const stranger = await httpCall(entries)
      if (stranger.status !== 403) throw new Error(`A stranger got ${stranger.status} from the rehearsal.`)
      const list = z.looseObject({ entries: z.array(z.unknown()) })
      return (await ask({ ...entries, headers: { cookie } }, [200], list)).body.entries.length
    },
  }
}
