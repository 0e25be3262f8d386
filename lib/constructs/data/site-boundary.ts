import { Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyDocument } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { siteBoundary } from '../../../adapters/iam/site-policies.ts'
import type { Names } from '../../../cloud/names.ts'
import { acknowledgeWildcard } from '../control/permissions/grant.ts'

interface SiteBoundaryProps {
  readonly names: Pick<Names, 'siteBoundary'>
}

/** The permissions boundary of every site's role, in whatever cell: roles are made at run time, this is not. */
export class SiteBoundary extends Construct {
  constructor(scope: Construct, id: string, { names }: SiteBoundaryProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    const arn = (resource: string) => `arn:${partition}:elasticfilesystem:${region}:${account}:${resource}`
    const fileSystems = arn('file-system/*')
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.siteBoundary,
      description: "The most that a site's role can allow",
      document: PolicyDocument.fromJson(
        siteBoundary({ fileSystemArns: [fileSystems], accessPoints: arn('access-point/*') }),
      ),
    })
    acknowledgeWildcard(
      policy,
      fileSystems,
      'The file systems of whatever cells there will be; which access point of which of them is in the policy of each role.',
    )
  }
}
