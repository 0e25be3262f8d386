import * as z from 'zod'
import { named } from '../../core/named.ts'

export const repositoryAccess = named('PushAccess', {
  /** Host and port. */
  registry: z.string(),
  /** Without the registry. Images of all containers are pushed there. */
  repository: z.string(),
  username: z.string(),
  password: z.string(),
  expiresAt: z.string(),
  platform: z.string().describe('For which images must be made, such as `linux/arm64`.'),
})

const names = z.array(z.string())

export const exportedSchema = named('ExportedSite', {
  slug: z.string(),
  version: z.int(),
  commit: z.string().nullable(),
  file: z.record(z.string(), z.unknown()).describe('The file `sitewright.yaml` as it was deployed.'),
  blueprint: z.record(z.string(), z.unknown()).describe('What the file came to.'),
  images: z.record(z.string(), z.string()).describe('The digests of the pushed images, by container.'),
  facts: z
    .record(z.string(), z.string())
    .describe('What its templates may mention: its variables, URL, features and limits.'),
  variables: z.record(z.string(), z.string()).describe('Those that people set.'),
  generated: names.describe('The names of the secrets that are made for each environment.'),
  given: names.describe('The names of the secrets that people set.'),
  dataSecrets: names.describe('Those without which the data cannot be read.'),
  pull: repositoryAccess
    .nullable()
    .describe('Credentials to pull the images, and for nothing else; null where sites run as plain processes.'),
})
