import type { IAMClient } from '@aws-sdk/client-iam'
import type { SiteId } from '../../core/ids.ts'
import type { ArchiveJob } from '../../core/ports/archiver.ts'
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
export interface SiteRoles {
  /** @returns the role's ARN, once it exists. */
  readonly ensure: (siteId: SiteId, accessPointArn: string) => Promise<string>
  /** Removes the role and its policies. */
  readonly remove: (siteId: SiteId) => Promise<void>
}

export const createSiteRoles = ({ iam, cell, installation, path }: RolesOptions): SiteRoles => ({
  ensure: (siteId, accessPointArn) =>
    ensureBoundedRole(iam, arnPartsOf(cell.clusterArn), {
      name: siteId,
      path,
      description: 'What the containers of one site may do',
      boundaryArn: cell.permissionsBoundaryArn,
      tags: siteTags(installation, siteId),
      policyName: 'own-data',
      policy: siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn }),
    }),
  remove: (siteId) => removeRole(iam, siteId),
})

/** The role of each archiving job. It allows this job alone, and is removed with it. */
export interface ArchiverRoles {
  /** @returns the role's ARN, once it exists. */
  readonly ensure: (job: ArchiveJob, accessPointArn: string | undefined) => Promise<string>
  readonly remove: (job: ArchiveJob) => Promise<void>
}

/** The name of a job on AWS: its id is too long for a role's 64 characters. */
export const jobName = ({ siteId, id }: ArchiveJob): string => `${siteId}.${contentDigest([id]).slice(0, 16)}`

export const createArchiverRoles = ({ iam, cell, installation, path }: RolesOptions): ArchiverRoles => {
  const account = arnPartsOf(cell.clusterArn)
  const { bucketArn, keyArn, permissionsBoundaryArn: boundaryArn } = cell.archiver
  const places = { fileSystemArn: cell.fileSystemArn, bucketArn, keyArn, region: account.region }
  return {
    ensure: (job, accessPointArn) =>
      ensureBoundedRole(iam, account, {
        name: jobName(job),
        path,
        description: `What the task may do that is to ${job.kind} the data of one site`,
        boundaryArn,
        tags: siteTags(installation, job.siteId),
        policyName: 'one-job',
        policy: archiverJobPolicy(job, places, accessPointArn),
      }),
    remove: (job) => removeRole(iam, jobName(job)),
  }
}
