import * as z from 'zod'
import { forOwners } from '../_runtime/operation.ts'
import { siteParams } from '../http/input-forms.ts'
import { exportedSchema } from './exported-site.ts'

/** What a site of own software needs to run elsewhere. */
export const leavingOperations = forOwners({
  exportSite: {
    post: '/v1/sites/{id}/export',
    summary: 'Get what a site of your own software runs, to run it elsewhere. It has no value of a secret.',
    description: 'The data is in the copies of the site. An allowance is not needed.',
    params: siteParams,
    errors: ['Forbidden', 'NotFound', 'TransitionNotAllowed', 'Unavailable'],
  },
  openImport: {
    post: '/v1/sites/{id}/import',
    summary: 'Get links to upload the data of an export, in a new site for your own software.',
    description:
      'Put both parts, with the headers. The manifest names this site and the archive. A deployment with `import` uses them.',
    params: siteParams,
    body: z.strictObject({
      content: z.int().positive().describe('In bytes.'),
      manifest: z.int().positive().describe('In bytes.'),
    }),
    errors: ['Forbidden', 'NotFound', 'TransitionNotAllowed', 'LimitsExceeded', 'RateLimited'],
  },
  revealDataSecrets: {
    post: '/v1/sites/{id}/export/secrets',
    summary: 'Get the secrets without which the data of a site of your own software cannot be read.',
    description:
      'Those are the `dataSecrets` of its file. Nobody can read other secrets. Each request is in the audit log.',
    params: siteParams,
    errors: ['Forbidden', 'NotFound', 'TransitionNotAllowed'],
  },
})

const upload = z.strictObject({ url: z.string(), headers: z.record(z.string(), z.string()) })

export const leavingAnswers = {
  openImport: {
    200: {
      description: 'The links are good for ten minutes.',
      schema: z.strictObject({ archiveId: z.string(), content: upload, manifest: upload }),
    },
  },
  exportSite: { 200: { description: 'What it runs now.', schema: exportedSchema } },
  revealDataSecrets: {
    200: { description: 'The values, by name.', schema: z.strictObject({ secrets: z.record(z.string(), z.string()) }) },
  },
}
