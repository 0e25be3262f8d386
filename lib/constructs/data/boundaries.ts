import { Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyDocument } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { tagNames } from '../../../adapters/cells/site-tags.ts'
import { archiverBoundary } from '../../../adapters/iam/archiver-policies.ts'
import { siteBoundary } from '../../../adapters/iam/site-policies.ts'
import type { Names } from '../../../cloud/names.ts'
import { acknowledgeWildcard } from '../control/permissions/grant.ts'

const fileSystemArnOf = (scope: Construct) => {
  const { partition, region, account } = Stack.of(scope)
  return (resource: string) => `arn:${partition}:elasticfilesystem:${region}:${account}:${resource}`
}

/** The permissions boundary of every site's role, in all cells: roles are created at run time, the boundary at deployment. */
export class SiteBoundary extends Construct {
  constructor(scope: Construct, id: string, { names }: { readonly names: Names }) {
    super(scope, id)
    const arn = fileSystemArnOf(this)
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
      'The file systems of all cells, also of later ones; the policy of each role names its access point.',
    )
  }
}

interface ArchiverBoundaryProps {
  readonly names: Names
  readonly archives: IBucket
  readonly key: IKey
}

/** The permissions boundary of every archiving job's role: roles are created at run time, the boundary at deployment. */
export class ArchiverBoundary extends Construct {
  constructor(scope: Construct, id: string, { names, archives, key }: ArchiverBoundaryProps) {
    super(scope, id)
    const arn = fileSystemArnOf(this)
    const fileSystemArns = arn('file-system/*')
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.archiverBoundary,
      description: 'The most that the role of an archiving job can allow',
      document: PolicyDocument.fromJson(
        archiverBoundary({
          fileSystemArns,
          accessPoints: arn('access-point/*'),
          bucketArn: archives.bucketArn,
          keyArn: key.keyArn,
          region: Stack.of(this).region,
        }),
      ),
    })
    const because = 'The policy of each role names one of them, and its tag names the site.'
    acknowledgeWildcard(policy, fileSystemArns, because)
    acknowledgeWildcard(policy, `${archives.bucketArn}/\${aws:PrincipalTag/${tagNames.site}}/*`, because)
  }
}
