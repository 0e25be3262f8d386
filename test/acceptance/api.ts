import * as z from 'zod'
import { type Challenge, challengeSchema, type Proof } from '../../core/challenge.ts'
import { type Answer, type Call, httpCall } from '../support/http-call.ts'

const problemSchema = z.looseObject({
  detail: z.string(),
  type: z.string().optional(),
  challenge: challengeSchema.optional().catch(undefined),
})
type Problem = z.infer<typeof problemSchema>

const signupSchema = z.looseObject({ id: z.string(), email: z.string() })
const verificationSchema = z.looseObject({ session: z.looseObject({ token: z.string() }) })
const siteSchema = z.looseObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  url: z.url(),
  status: z.string(),
  plan: z.string(),
  trialEndsAt: z.string().nullable(),
  progress: z.looseObject({
    percent: z.number(),
    steps: z.array(z.looseObject({ name: z.string(), status: z.string() })),
  }),
  failure: z.looseObject({ reason: z.string() }).optional(),
})
export type DemoSite = z.infer<typeof siteSchema>

const healthSchema = z.looseObject({ pool: z.looseObject({ ready: z.number(), target: z.number() }) })
const entrySchema = z.looseObject({ id: z.unknown(), text: z.string() })
const entriesSchema = z.looseObject({ entries: z.array(entrySchema), cursor: z.string().optional() })
const siteListSchema = z.looseObject({ sites: z.array(siteSchema) })
const sessionSchema = z.looseObject({ account: z.looseObject({ email: z.string() }) })
const entitlementSchema = z.looseObject({
  name: z.string(),
  plan: z.string(),
  features: z.array(z.string()),
  trialEndsAt: z.string().nullable(),
})

/** An answer other than the expected one. */
export class UnexpectedAnswer extends Error {
  readonly status: number
  /** The type of the problem, such as `urn:sitewright:problem:code-wrong`. */
  readonly type: string | undefined
  /** The challenge to solve before repeating the request. */
  readonly challenge: Challenge | undefined

  constructor(message: string, status: number, problem?: Problem) {
    super(message)
    this.status = status
    this.type = problem?.type
    this.challenge = problem?.challenge
  }
}

type MakeCall = (call: Call) => Promise<Answer>

/** A firewall or proxy in front of the API may answer with a page. */
const plainText = (text: string): string =>
  text
    .replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gis, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)

const unexpected = (what: string, { status, json, text }: Answer): UnexpectedAnswer => {
  const problem = problemSchema.safeParse(json).data
  return new UnexpectedAnswer(`${what} answered ${status}: ${problem?.detail ?? plainText(text)}`, status, problem)
}

/**
 * Creates a function that makes calls and parses their answers. It throws {@link UnexpectedAnswer}, which names the answer, or
 * any error of the call itself.
 */
export const asker =
  (makeCall: MakeCall) =>
  async <Output>(call: Call, statuses: readonly number[], schema: z.ZodType<Output>) => {
    const what = `${call.method ?? 'GET'} ${call.url}`
    const answer = await makeCall(call)
    const { status } = answer
    if (!statuses.includes(status)) throw unexpected(what, answer)
    const body = schema.safeParse(answer.json)
    if (!body.success) {
      throw new UnexpectedAnswer(`${what} answered something else: ${z.prettifyError(body.error)}`, status)
    }
    return { status, body: body.data }
  }

/** The demo's calls to the host at `origin`, as the owner of `token`. */
export const demoApi = (origin: string, token?: string, makeCall: MakeCall = httpCall) => {
  const ask = asker(makeCall)
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    health: async () => (await ask({ url: `${origin}/v1/health` }, [200], healthSchema)).body,
    /** @param said what the page says of the visitor. */
    signUp: async (email: string, proof?: Proof, said: object = {}) => {
      const body = { ...said, email, ...(proof === undefined ? {} : { proof }) }
      return (await ask({ method: 'POST', url: `${origin}/v1/signups`, body }, [201], signupSchema)).body
    },
    verify: async (signupId: string, code: string) => {
      const url = `${origin}/v1/signups/${signupId}/verification`
      return (await ask({ method: 'POST', url, body: { code } }, [200], verificationSchema)).body.session
    },
    createSite: async (slug: string, name: string, blueprint?: string) => {
      const call: Call = {
        method: 'POST',
        url: `${origin}/v1/sites`,
        body: { slug, name, ...(blueprint && { blueprint }) },
        headers: { ...headers, 'idempotency-key': slug },
      }
      // The answer to a repeated request is 200 if the build has failed meanwhile.
      const { status, body } = await ask(call, [200, 201, 202], siteSchema)
      return { isBuilt: status === 201, site: body }
    },
    getSession: async () => (await ask({ url: `${origin}/v1/session`, headers }, [200], sessionSchema)).body,
    listSites: async () => (await ask({ url: `${origin}/v1/sites`, headers }, [200], siteListSchema)).body.sites,
    getSite: async (id: string) => (await ask({ url: `${origin}/v1/sites/${id}`, headers }, [200], siteSchema)).body,
  }
}

export const demoSite = (siteUrl: string, makeCall: MakeCall = httpCall) => {
  const ask = asker(makeCall)
  const at = (path: string) => new URL(path, siteUrl).href
  const readPage = async (cursor: string | undefined) => {
    const url = at(`/api/entries?limit=200${cursor === undefined ? '' : `&cursor=${cursor}`}`)
    return (await ask({ url }, [200], entriesSchema)).body
  }
  return {
    open: async () => {
      const answer = await makeCall({ url: at('/'), headers: { accept: 'text/html' } })
      if (answer.status !== 200) throw unexpected(`GET ${siteUrl}`, answer)
      return answer
    },
    entitlement: async () => (await ask({ url: at('/api/entitlement') }, [200], entitlementSchema)).body,
    write: async (text: string) =>
      (await ask({ method: 'POST', url: at('/api/entries'), body: { text } }, [201], entrySchema)).body,
    read: async () => {
      let page = await readPage(undefined)
      const entries = [...page.entries]
      while (page.cursor !== undefined) {
        page = await readPage(page.cursor)
        entries.push(...page.entries)
      }
      return entries
    },
  }
}
