import * as z from 'zod'
import { type Blueprint, blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { environmentName, variableValue } from '../../core/blueprint/variables.ts'
import { emailSchema } from '../../core/email.ts'
import { idSchema } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import { named } from '../../core/named.ts'
import { archiveSchema } from '../../core/site/archive.ts'
import { accessSchema, credentialsSchema, handOverSchema } from '../../core/site/hand-over.ts'
import { contractSchema } from '../../core/site/relocation.ts'

/** One line for people to read. */
const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')

/** What a bundle says of a site: everything that its record in another installation needs, but its secrets. */
export const bundledSiteSchema = named('BundledSite', {
  siteId: idSchema('site'),
  slug: z.string().max(63),
  hostname: z.string().max(253),
  name: line,
  owner: z.strictObject({ email: emailSchema, name: line.optional() }),
  plan: z.string().max(64),
  blueprint: blueprintSchema.describe('As it was resolved, with the digests of its images.'),
  variables: z.record(environmentName, variableValue),
  archive: archiveSchema,
  access: accessSchema.optional(),
  handOver: handOverSchema.optional(),
  credentials: credentialsSchema.optional(),
  trialEndsAt: z.iso.datetime({ precision: 3 }),
  contract: contractSchema.optional(),
  domains: z.array(z.string().max(253)).max(20),
})
export type BundledSite = z.infer<typeof bundledSiteSchema>

/** The values of a site's secrets, by name. `generated` ones replace those that the new installation would generate. */
export const bundledSecretsSchema = z.strictObject({
  generated: z.record(z.string().max(128), variableValue),
  set: z.record(environmentName, variableValue),
})
export type BundledSecrets = z.infer<typeof bundledSecretsSchema>

/** Installations have images in repositories of their own. */
const withoutImages = (blueprint: Blueprint) => ({
  ...blueprint,
  containers: blueprint.containers.map(({ image: _, build: __, ...container }) => container),
})

/** Whether two blueprints run the same, by whatever repositories have their images. */
export const isSameBlueprint = (one: Blueprint, other: Blueprint): boolean =>
  inOrder(withoutImages(one)) === inOrder(withoutImages(other))
