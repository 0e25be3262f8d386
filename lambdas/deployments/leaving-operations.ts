import * as z from 'zod'
import { operationsFor } from '../_runtime/operation.ts'
import { siteParams } from '../http/input-forms.ts'

const { post } = operationsFor({ audience: 'owner' })

/** What a site of own software needs to run elsewhere. */
export const leavingOperations = {
  exportSite: {
    ...post,
    id: 'exportSite',
    path: '/v1/sites/{id}/export',
    summary: 'Get what a site of your own software runs, to run it elsewhere. It has no value of a secret.',
    description: 'The data is in the copies of the site. An allowance is not needed.',
    params: siteParams,
    errors: ['Forbidden', 'NotFound', 'TransitionNotAllowed', 'Unavailable'],
  },
  revealDataSecrets: {
    ...post,
    id: 'revealDataSecrets',
    path: '/v1/sites/{id}/export/secrets',
    summary: 'Get the secrets without which the data of a site of your own software cannot be read.',
    description:
      'Those are the `dataSecrets` of its file. Nobody can read other secrets. Each request is in the audit log.',
    params: siteParams,
    errors: ['Forbidden', 'NotFound', 'TransitionNotAllowed'],
  },
} as const

/** Credentials for the repository of a site. */
export const repositoryAccess = z
  .strictObject({
    registry: z.string(),
    repository: z.string(),
    username: z.string(),
    password: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'PushAccess' })

const names = z.array(z.string())

export const exportedSchema = z
  .strictObject({
    slug: z.string(),
    version: z.int(),
    commit: z.string().nullable(),
    file: z.record(z.string(), z.unknown()).nullable().meta({
      description:
        'The file `sitewright.yaml` as it was deployed; null for a deployment of a former version of Sitewright.',
    }),
    blueprint: z.record(z.string(), z.unknown()).meta({ description: 'What the file came to.' }),
    images: z.record(z.string(), z.string()).meta({ description: 'The digests of the pushed images, by container.' }),
    facts: z
      .record(z.string(), z.string())
      .meta({ description: 'What its templates may mention: its variables, URL, features and limits.' }),
    generated: names.meta({ description: 'The names of the secrets that are made for each environment.' }),
    given: names.meta({ description: 'The names of the secrets that people set.' }),
    dataSecrets: names.meta({ description: 'Those without which the data cannot be read.' }),
    pull: repositoryAccess.nullable().meta({
      description: 'Credentials to pull the images, and for nothing else; null where sites run as plain processes.',
    }),
  })
  .meta({ id: 'ExportedSite' })

export const leavingAnswers = {
  exportSite: { 200: { description: 'What it runs now.', schema: exportedSchema } },
  revealDataSecrets: {
    200: {
      description: 'The values, by name.',
      schema: z.strictObject({ secrets: z.record(z.string(), z.string()) }),
    },
  },
}
