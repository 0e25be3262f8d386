import { Stack } from 'aws-cdk-lib'
import {
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2'
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'

interface ServiceEndpointsProps {
  readonly vpc: IVpc
  readonly securityGroup: ISecurityGroup
  readonly names: Names
  /** Tasks of other zones reach the endpoints too. */
  readonly zones: readonly string[]
}

interface Allowed {
  readonly actions: string[]
  readonly resources: string[]
}

/**
 * The endpoints that ECS needs to start a task without internet access: images, logs, parameters. Each allows only that,
 * and only in this account: otherwise a site could use foreign credentials to carry data out of a network without
 * internet access.
 */
export class ServiceEndpoints extends Construct {
  constructor(scope: Construct, id: string, { vpc, securityGroup, names, zones }: ServiceEndpointsProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`
    const pull: readonly Allowed[] = [
      { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
      {
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        resources: [arn('ecr', 'repository/*')],
      },
    ]
    const allowed = {
      Ecr: [InterfaceVpcEndpointAwsService.ECR, pull],
      EcrDocker: [InterfaceVpcEndpointAwsService.ECR_DOCKER, pull],
      Logs: [
        InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
        [
          {
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [arn('logs', `log-group:/${names.installation}/*`)],
          },
        ],
      ],
      Ssm: [
        InterfaceVpcEndpointAwsService.SSM,
        [{ actions: ['ssm:GetParameters'], resources: [arn('ssm', `parameter${names.siteParameters}/*`)] }],
      ],
    } as const satisfies Record<string, readonly [InterfaceVpcEndpointAwsService, readonly Allowed[]]>

    for (const [name, [service, statements]] of Object.entries(allowed)) {
      const endpoint = new InterfaceVpcEndpoint(this, name, {
        vpc,
        service,
        securityGroups: [securityGroup],
        // The stacks of the users admit them.
        open: false,
        subnets: { subnetType: SubnetType.PRIVATE_ISOLATED, availabilityZones: [...zones] },
      })
      for (const statement of statements) {
        endpoint.addToPolicy(new PolicyStatement({ ...statement, principals: [new AnyPrincipal()] }))
      }
    }
  }
}
