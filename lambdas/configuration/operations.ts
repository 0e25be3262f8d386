import * as z from 'zod'
import { environmentName, variableValue } from '../../core/blueprint/variables.ts'
import { actorSchema } from '../../core/events/actor.ts'
import { named } from '../../core/named.ts'
import { forOperators } from '../_runtime/operation.ts'
import { line, siteParams } from '../http/input-forms.ts'
import { operatorSiteSchema } from '../operators/answers.ts'

const reason = line(500).describe('The reason, for the history. Do not include personal data.')
export const newValues = z
  .record(environmentName, variableValue.nullable())
  .default({})
  .describe('By name. `null` takes a value back.')
const begun = ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'] as const

export const configurationOperations = forOperators({
  operatorGetConfiguration: {
    get: '/v1/operator/sites/{id}/configuration',
    roles: ['admin'],
    summary: 'Get the variables of a site, which secrets are set for it, and the versions of both. No secret is shown.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorChangeConfiguration: {
    post: '/v1/operator/sites/{id}/configuration',
    roles: ['admin'],
    summary: 'Set variables and secrets of a site, as a new version, and start the site with them.',
    params: siteParams,
    body: z.strictObject({
      variables: newValues,
      secrets: newValues,
      basedOn: z.int().nonnegative().describe('The version in use, `inUse`; 0 if there is none.'),
      blueprint: z
        .strictObject({ name: z.string().max(31), version: z.int().positive() })
        .optional()
        .describe('The blueprint of a planned relocation that the values are for: nothing starts until then.'),
      reason,
    }),
    errors: begun,
  },
  operatorApplyConfiguration: {
    post: '/v1/operator/sites/{id}/configuration/{version}/apply',
    roles: ['admin'],
    summary: 'Start a site with an earlier version of its configuration; with 0, as its blueprint says.',
    params: siteParams.extend({ version: z.coerce.number().int().nonnegative() }),
    body: z.strictObject({ reason }),
    errors: begun,
  },
})

const instant = z.iso.datetime({ precision: 3 })
const version = z.int().nonnegative()

const text = { name: z.string(), description: z.string().nullable(), required: z.boolean() }

export const configurationViewSchema = named('SiteConfiguration', {
  inUse: version.describe('The version that the site runs with; 0 for none.'),
  applying: version.nullable().describe('The version with which it is being started.'),
  variables: z.array(
    z.strictObject({
      ...text,
      value: z.string().nullable().describe('The value that is set for the site; null for none.'),
      default: z.string().nullable(),
      values: z.array(z.string()).nullable().describe('The only values that it may have.'),
    }),
  ),
  secrets: z.array(
    z.strictObject({
      ...text,
      set: z
        .strictObject({ version, at: instant })
        .nullable()
        .describe('Which version set it; null if it is generated.'),
    }),
  ),
  versions: z
    .array(
      z.strictObject({
        version,
        at: instant,
        actor: actorSchema(),
        reason: z.string(),
        basedOn: version,
        changed: z.array(z.string()),
      }),
    )
    .describe('Newest first.'),
})

const started = {
  202: {
    description: 'The operation `upgrade` has started. A version that is in use starts none.',
    schema: operatorSiteSchema,
  },
} as const

export const configurationAnswers = {
  operatorGetConfiguration: { 200: { description: 'The configuration.', schema: configurationViewSchema } },
  operatorChangeConfiguration: {
    ...started,
    200: {
      description: 'The version is kept for a planned relocation. Nothing has started.',
      schema: operatorSiteSchema,
    },
  },
  operatorApplyConfiguration: started,
} as const
