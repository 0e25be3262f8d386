import * as z from 'zod'

/**
 * A cell's description for the functions that run sites in it: a JSON document in an SSM parameter. Unknown fields of a newer
 * cell are ignored, since cells are deployed before functions.
 */
export const cellDescriptionSchema = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  clusterArn: z.string(),
  fileSystemId: z.string(),
  fileSystemArn: z.string(),
  /** Subnets of sites without and with internet access, one for each zone. */
  subnets: z.object({ none: z.array(z.string()).min(1), internet: z.array(z.string()).min(1) }),
  securityGroups: z.object({ none: z.string(), internet: z.string() }),
  /** With it ECS pulls images, writes logs and reads sites' parameters. */
  executionRoleArn: z.string(),
  permissionsBoundaryArn: z.string(),
  logGroup: z.string(),
  /** What tasks of sites run beside the site's own containers (cloud/site-helper.ts). */
  helperImage: z.string(),
  /** The parts of tasks that archive the cell's sites. */
  archiver: z.object({
    image: z.string(),
    executionRoleArn: z.string(),
    securityGroup: z.string(),
    permissionsBoundaryArn: z.string(),
    logGroup: z.string(),
    bucketArn: z.string(),
    /** The key that the bucket is encrypted with. */
    keyArn: z.string(),
  }),
})
export type CellDescription = z.infer<typeof cellDescriptionSchema>

/** The parts that all regional ARNs of one cell share. */
export interface ArnParts {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** @throws {TypeError} where the text is no ARN of a region and an account. */
export const arnPartsOf = (arn: string): ArnParts => {
  const [scheme, partition, , region, account] = arn.split(':')
  if (scheme !== 'arn' || !partition || !region || !account) throw new TypeError(`not an ARN of a region: ${arn}`)
  return { partition, region, account }
}

/** The ports of sites on AWS: above those of common programs, below those that Linux uses for outgoing connections. */
export const sitePortRange = { first: 10_000, last: 32_767 } as const
