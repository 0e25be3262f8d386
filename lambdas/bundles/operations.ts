import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { siteStatusSchema } from '../../core/site/site.ts'
import { forOperators } from '../_runtime/operation.ts'
import { line, siteParams } from '../http/input-forms.ts'
import { operatorSiteSchema } from '../operators/answers.ts'
import { bundledSecretsSchema, bundledSiteSchema } from './bundled-site.ts'

const reason = line(500).describe('The reason, for the history of the site. Do not include personal data.')

/** `shop.example.com`, or an origin; undefined for anything else. */
const originOf = (text: string): string | undefined => {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  const isHere = url?.protocol === 'http:' && url.hostname.endsWith('.localhost')
  const isPlain = url !== null && url.href === `${url.origin}/` && (url.protocol === 'https:' || isHere)
  return isPlain && url.hostname.includes('.') ? url.origin : undefined
}

/** The operations of sites that go to another installation, or come from one. */
export const bundleOperations = forOperators({
  operatorLeaveSite: {
    post: '/v1/operator/sites/{id}/leave',
    roles: ['admin'],
    summary: 'Suspend a site because it moves to another installation. Visitors are sent on to its new hostname.',
    description:
      'Its data is archived at once and kept. A restore is the way back. A site whose subscription renews is refused.',
    params: siteParams,
    body: z.strictObject({
      to: z
        .string()
        .max(300)
        .refine((text) => originOf(text) !== undefined, 'must be a hostname such as shop.example.com')
        .transform((text) => originOf(text) ?? text)
        .meta({ description: 'The new hostname.', example: 'shop.example.com' }),
      reason,
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  operatorExportSite: {
    post: '/v1/operator/sites/{id}/export',
    roles: ['admin'],
    summary: 'Get what a bundle says of a site. A site that runs is copied first if its newest copy is a day old.',
    description: 'Secrets are in the answer as they are stored: sealed with the key of this installation.',
    params: siteParams,
    body: z.strictObject({ reason }),
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  operatorImportSite: {
    post: '/v1/operator/sites/{id}/import',
    roles: ['admin'],
    summary: 'Build a site from a bundle whose archive is stored here. Repeating it changes nothing.',
    params: siteParams,
    body: z.strictObject({
      site: bundledSiteSchema,
      secrets: bundledSecretsSchema,
      rehearsal: z.boolean().default(false).describe('Builds a rehearsal instead of the site.'),
      dryRun: z.boolean().default(false).describe('Only checks whether it could be built.'),
      reason,
    }),
    errors: ['HostnameTaken', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict', 'Unavailable'],
  },
})

const sealed = z.string()

export const exportSchema = z.strictObject({
  site: bundledSiteSchema.nullable().describe('Null while the site is being copied.'),
  secrets: z.array(z.string()).describe('The names of the secrets that are generated.'),
  sealed: z.strictObject({
    generated: z.record(z.string(), sealed).describe('Those that another installation generated.'),
    set: z.record(z.string(), z.strictObject({ sealed, version: z.int() })),
  }),
})

export const importSchema = z.strictObject({
  siteId: idSchema('site'),
  status: siteStatusSchema.nullable().describe('Null if there is no such site.'),
  outcome: z.enum(['possible', 'begun', 'unchanged']),
  url: z.url(),
})

export const bundleAnswers = {
  operatorLeaveSite: { 202: { description: 'The site is suspended.', schema: operatorSiteSchema } },
  operatorExportSite: { 200: { description: 'What the bundle says.', schema: exportSchema } },
  operatorImportSite: { 202: { description: 'It is built, or restored.', schema: importSchema } },
} as const
