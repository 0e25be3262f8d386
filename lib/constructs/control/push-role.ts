import { Stack } from 'aws-cdk-lib'
import { ArnPrincipal, type IRole, Role } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { addGrants } from './permissions/grant.ts'

interface PushRoleProps {
  readonly names: Names
  /** Of the function that opens sessions. */
  readonly opener: IRole
}

/** What pushes images of accounts' software: the policy of each session leaves it one repository. */
export class PushRole extends Construct {
  constructor(scope: Construct, id: string, { names, opener }: PushRoleProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    const role = new Role(this, 'Role', {
      roleName: names.pushRole,
      description: 'Pushes images of accounts; each session to one repository',
      assumedBy: new ArnPrincipal(opener.roleArn),
    })
    addGrants(role, [
      {
        actions: ['ecr:GetAuthorizationToken'],
        resources: ['*'],
        because: 'A token takes no resource; its session has one repository.',
      },
      {
        actions: [
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:CompleteLayerUpload',
          'ecr:GetDownloadUrlForLayer',
          'ecr:InitiateLayerUpload',
          'ecr:PutImage',
          'ecr:UploadLayerPart',
        ],
        resources: [`arn:${partition}:ecr:${region}:${account}:repository/${names.ownRepository('*')}`],
        because: 'Each site has a repository, and the policy of a session names it.',
      },
    ])
  }
}
