import * as z from 'zod'
import { named } from '../../core/named.ts'
import { configurationViewSchema } from '../configuration/operations.ts'
import { deploymentStatuses } from './deployment.ts'
import { explainAnswers } from './explain-operations.ts'
import { repositoryAccess } from './exported-site.ts'
import { leavingAnswers } from './leaving-operations.ts'

const deployment = named('Deployment', {
  id: z.string(),
  version: z.int(),
  status: z
    .enum([...deploymentStatuses, 'replaced'])
    .describe(
      '`proving`: it waits for the site. `failed`: it never began. `went-back`: the site runs as before. `replaced`: it was live, and another one is.',
    ),
  at: z.string(),
  commit: z.string().nullable(),
  images: z.record(z.string(), z.string()),
  cause: z
    .string()
    .optional()
    .describe('Why it failed or went back. It quotes output only for those who may read the output of the site.'),
  lines: z
    .array(z.string())
    .optional()
    .describe('The last lines that it wrote, without secrets, for those who may read the output of the site.'),
  endedAt: z.string().optional(),
  promotedFrom: z.string().optional().describe('The environment that it was promoted from.'),
  imported: z.string().optional().describe('The digest of what was imported.'),
  back: z
    .strictObject({ to: z.int(), archiveId: z.string().optional() })
    .optional()
    .describe('The version that runs again, and the copy whose data comes back.'),
})

const { inUse, applying, variables, secrets } = configurationViewSchema.shape
const ownValues = named('OwnValues', {
  inUse,
  applying,
  variables: z.array(
    variables.element.extend({ used: z.boolean().describe('Whether the version that runs can get it.') }),
  ),
  secrets: z.array(
    secrets.element.extend({ used: z.boolean().describe('Whether the version that runs has a secret of this name.') }),
  ),
  versions: z
    .array(
      z.strictObject({
        version: z.int(),
        at: z.string(),
        by: z.enum(['owner', 'operator', 'system']),
        changed: z.array(z.string()),
      }),
    )
    .describe('Newest first. `changed` has names.'),
})

const one = (description: string) => ({ description, schema: z.strictObject({ deployment }) })

export const deploymentAnswers = {
  createDeployment: { 202: one('The deployment, which has begun or waits.') },
  promoteDeployment: { 202: one('The deployment, which has begun or waits.') },
  rollBackDeployment: { 202: one('The deployment, which has begun or waits.') },
  listDeployments: {
    200: { description: 'At most 25.', schema: z.strictObject({ deployments: z.array(deployment) }) },
  },
  getDeployment: { 200: one('The deployment.') },
  getConfiguration: { 200: { description: 'The values.', schema: ownValues } },
  changeConfiguration: {
    202: { description: 'The site restarts, unless it has these values already.', schema: ownValues },
  },
  openPush: { 200: { description: 'For `docker login`, and the repository to push to.', schema: repositoryAccess } },
  ...explainAnswers,
  exportSite: leavingAnswers.exportSite,
  openImport: leavingAnswers.openImport,
}

export const allowanceAnswers = {
  operatorChangeAllowance: {
    200: {
      description: 'The allowance; null for none.',
      schema: z.strictObject({ allowance: z.strictObject({ plan: z.string(), sites: z.int() }).nullable() }),
    },
  },
}
