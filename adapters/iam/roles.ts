import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  EntityAlreadyExistsException,
  GetRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
  paginateListRolePolicies,
  TagRoleCommand,
} from '@aws-sdk/client-iam'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { ArchiveJob } from '../../core/ports/archives.ts'
import { asking, askingIfThere, everyItem } from '../cells/aws-calls.ts'
import { siteTags, tagNames } from '../cells/site-tags.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import { type ArnParts, arnPartsOf, type CellDescription } from '../ssm/cell-description.ts'
import { archiverJobPolicy } from './archiver-policies.ts'
import { type PolicyDocument, siteRolePolicy, siteTrustPolicy } from './site-policies.ts'

interface RolesOptions {
  readonly iam: IAMClient
  readonly cell: CellDescription
  readonly installation: string
  /** The IAM path of the roles, such as `/sitewright-prod/sites/`. */
  readonly path: string
}

const roleArnOf = ({ partition, account }: ArnParts, path: string, name: string): string =>
  `arn:${partition}:iam::${account}:role${path}${name}`

const policyIn = ({ name }: CellDescription): string => `own-data-${name}`

/** The role of each site, named after it. It allows one thing: to mount the site's access points, of which each cell has one. */
export const createSiteRoles = ({ iam, cell, installation, path }: RolesOptions) => ({
  arnOf: (siteId: SiteId): string => roleArnOf(arnPartsOf(cell.clusterArn), path, siteId),
  /** @returns the role's ARN, once it exists. */
  ensure: (siteId: SiteId, accessPointArn: string): Promise<string> =>
    ensureBoundedRole(iam, arnPartsOf(cell.clusterArn), {
      name: siteId,
      path,
      description: 'What the containers of one site may do',
      boundaryArn: cell.permissionsBoundaryArn,
      tags: siteTags(installation, siteId),
      policyName: policyIn(cell),
      policy: siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn }),
    }),
  /** Keeps the role for other cells. */
  removeFromCell: async (siteId: SiteId): Promise<void> => {
    if ((await policiesOf(iam, siteId))?.includes(policyIn(cell))) await removePolicy(iam, siteId, policyIn(cell))
  },
  /** Removes the role and its policies. */
  remove: (siteId: SiteId): Promise<void> => removeRole(iam, siteId),
})

export type SiteRoles = ReturnType<typeof createSiteRoles>

/** The name of a job on AWS: its id is too long for a role's 64 characters. */
export const jobName = ({ siteId, id }: ArchiveJob): string => `${siteId}.${contentDigest([id]).slice(0, 16)}`

/** A try at a job; counts from 1. */
export interface Attempt {
  readonly number: number
  readonly begunAt: Instant
}

const attemptTag = ({ number, begunAt }: Attempt) => ({ Key: tagNames.attempt, Value: `${number} ${begunAt}` })

/** The role of each archiving job. It allows this job alone, notes the latest try at it, and is removed with it. */
export const createArchiverRoles = ({ iam, cell, installation, path }: RolesOptions) => {
  const account = arnPartsOf(cell.clusterArn)
  const { bucketArn, keyArn, permissionsBoundaryArn: boundaryArn } = cell.archiver
  const places = { fileSystemArn: cell.fileSystemArn, bucketArn, keyArn, region: account.region }

  /** What a job's role says of its latest attempt: undefined without a role. */
  const notedOn = async (job: ArchiveJob): Promise<string | undefined> => {
    const found = await askingIfThere('look at a role', () => iam.send(new GetRoleCommand({ RoleName: jobName(job) })))
    return found?.Role?.Tags?.find(({ Key }) => Key === tagNames.attempt)?.Value
  }

  return {
    /** @returns the role's ARN, once it exists and names the attempt. */
    ensure: async (job: ArchiveJob, accessPointArn: string | undefined, attempt: Attempt): Promise<string> => {
      const tags = [...siteTags(installation, job.siteId), attemptTag(attempt)]
      const RoleName = jobName(job)
      const arn = await ensureBoundedRole(iam, account, {
        name: RoleName,
        path,
        description: `What the task may do that is to ${job.kind} the data of one site`,
        boundaryArn,
        tags,
        policyName: 'one-job',
        policy: archiverJobPolicy(job, places, accessPointArn),
      })
      // The first one is written with a new role, and a late call does not go back to it.
      if (attempt.number > 1) await asking('tag a role', () => iam.send(new TagRoleCommand({ RoleName, Tags: tags })))
      return arn
    },
    /** The latest attempt; undefined before the first. IAM may still name the one before it. */
    attemptAt: async (job: ArchiveJob): Promise<Attempt | undefined> => {
      const noted = await notedOn(job)
      if (noted === undefined) return undefined
      const [number, begunAt = ''] = noted.split(' ')
      return { number: Number(number), begunAt }
    },
    remove: (job: ArchiveJob): Promise<void> => removeRole(iam, jobName(job)),
  }
}

export type ArchiverRoles = ReturnType<typeof createArchiverRoles>

interface BoundedRole {
  /** Unique in the account, in any path. */
  readonly name: string
  /** Begins and ends with a slash. */
  readonly path: string
  readonly description: string
  /** The most that the role can ever allow. */
  readonly boundaryArn: string
  readonly tags: readonly { readonly Key: string; readonly Value: string }[]
  readonly policyName: string
  readonly policy: PolicyDocument
}

/**
 * Makes a role for tasks of ECS with one policy and a boundary, or finds it made. IAM takes some seconds to know a new role
 * everywhere, so its first users try again. @returns the role's ARN.
 */
const ensureBoundedRole = (
  iam: IAMClient,
  account: ArnParts,
  { name, path, description, boundaryArn, tags, policyName, policy }: BoundedRole,
): Promise<string> =>
  asking('make a role', async () => {
    try {
      await iam.send(
        new CreateRoleCommand({
          RoleName: name,
          Path: path,
          Description: description,
          AssumeRolePolicyDocument: JSON.stringify(siteTrustPolicy(account)),
          PermissionsBoundary: boundaryArn,
          Tags: [...tags],
        }),
      )
    } catch (error) {
      if (!(error instanceof EntityAlreadyExistsException)) throw error
    }
    // Written each time: the try that made the role may have ended before this.
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: policyName, PolicyDocument: JSON.stringify(policy) }),
    )
    return roleArnOf(account, path, name)
  })

/** Undefined where the role is gone. Functions may read a missing role, but IAM denies them to remove it. */
const policiesOf = (iam: IAMClient, name: string): Promise<readonly string[] | undefined> =>
  askingIfThere("list a role's policies", () =>
    everyItem(paginateListRolePolicies({ client: iam }, { RoleName: name }), ({ PolicyNames }) => PolicyNames),
  )

const removePolicy = async (iam: IAMClient, RoleName: string, PolicyName: string): Promise<void> => {
  await askingIfThere("delete a role's policy", () => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })))
}

/** Removes a role and its policies, or finds it removed. */
export const removeRole = async (iam: IAMClient, name: string): Promise<void> => {
  const policies = await policiesOf(iam, name)
  if (policies === undefined) return
  // A role with policies cannot be deleted.
  for (const PolicyName of policies) await removePolicy(iam, name, PolicyName)
  await askingIfThere('delete a role', () => iam.send(new DeleteRoleCommand({ RoleName: name })))
}
