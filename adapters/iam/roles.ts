import type { IAMClient } from '@aws-sdk/client-iam'
import type { SiteId } from '../../core/ids.ts'
import type { ArchiveJob } from '../../core/ports/archives.ts'
import { siteTags } from '../cells/site-tags.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { arnPartsOf } from '../ssm/cell-description.ts'
import { archiverJobPolicy } from './archiver-policies.ts'
import { ensureBoundedRole, removeRole } from './bounded-role.ts'
import { siteRolePolicy } from './site-policies.ts'

interface RolesOptions {
  readonly iam: IAMClient
  readonly cell: CellDescription
  readonly installation: string
  /** The IAM path of the roles, such as `/sitewright-prod/sites/`. */
  readonly path: string
}

/** The role of each site, named after it. It allows one thing: to mount the site's access point. */
export const createSiteRoles = ({ iam, cell, installation, path }: RolesOptions) => ({
  /** @returns the role's ARN, once it exists. */
  ensure: (siteId: SiteId, accessPointArn: string): Promise<string> =>
    ensureBoundedRole(iam, arnPartsOf(cell.clusterArn), {
      name: siteId,
      path,
      description: 'What the containers of one site may do',
      boundaryArn: cell.permissionsBoundaryArn,
      tags: siteTags(installation, siteId),
      policyName: 'own-data',
      policy: siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn }),
    }),
  /** Removes the role and its policies. */
  remove: (siteId: SiteId): Promise<void> => removeRole(iam, siteId),
})

export type SiteRoles = ReturnType<typeof createSiteRoles>

/** The name of a job on AWS: its id is too long for a role's 64 characters. */
export const jobName = ({ siteId, id }: ArchiveJob): string => `${siteId}.${contentDigest([id]).slice(0, 16)}`

/** The role of each archiving job. It allows this job alone, and is removed with it. */
export const createArchiverRoles = ({ iam, cell, installation, path }: RolesOptions) => {
  const account = arnPartsOf(cell.clusterArn)
  const { bucketArn, keyArn, permissionsBoundaryArn: boundaryArn } = cell.archiver
  const places = { fileSystemArn: cell.fileSystemArn, bucketArn, keyArn, region: account.region }
  return {
    /** @returns the role's ARN, once it exists. */
    ensure: (job: ArchiveJob, accessPointArn: string | undefined): Promise<string> =>
      ensureBoundedRole(iam, account, {
        name: jobName(job),
        path,
        description: `What the task may do that is to ${job.kind} the data of one site`,
        boundaryArn,
        tags: siteTags(installation, job.siteId),
        policyName: 'one-job',
        policy: archiverJobPolicy(job, places, accessPointArn),
      }),
    remove: (job: ArchiveJob): Promise<void> => removeRole(iam, jobName(job)),
  }
}

export type ArchiverRoles = ReturnType<typeof createArchiverRoles>
