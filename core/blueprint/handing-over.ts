import * as z from 'zod'
import type { FieldProblem } from '../errors.ts'
import type { SiteEntry } from '../site/hand-over/hand-over.ts'
import type { Blueprint } from './blueprint.ts'

/** Who gets into a site: everybody once it is handed over, its owner alone, or everybody at once. */
export const blueprintAccessSchema = z.enum(['claimed', 'owner', 'public'])

/** How the product learns who the owner is. */
export const blueprintHandOverSchema = z.strictObject({
  /** Where Sitewright posts the owner, and the secret that it sends as a bearer token. */
  hook: z.strictObject({
    path: z
      .string()
      .regex(/^\/[!-~]*$/, 'must start with / and hold no spaces')
      .max(500),
    secret: z.string().max(128).optional(),
  }),
})

/** The name of the generated password that a site gets for its owner. */
export const oneTimePassword = 'SITEWRIGHT_ONE_TIME_PASSWORD'

/** What the record of a new site keeps of its blueprint's way in. */
export const entryOf = ({ access, handOver }: Pick<Blueprint, 'access' | 'handOver'>): SiteEntry => ({
  ...(access === 'owner' || (access === 'claimed' && handOver !== undefined) ? { access } : {}),
  ...(handOver === undefined ? {} : { handOver: { status: 'pending' } }),
})

/** Lists names of secrets that no container has. */
export const handingOverProblems = ({ containers, handOver }: Blueprint): readonly FieldProblem[] => {
  const secret = handOver?.hook.secret
  const known = new Set(containers.flatMap(({ secrets }) => secrets))
  if (secret === undefined || known.has(secret)) return []
  return [{ path: 'handOver.hook.secret', message: `no container has a secret '${secret}'` }]
}
