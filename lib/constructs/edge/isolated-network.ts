import { Stack } from 'aws-cdk-lib'
import {
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2'
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
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

interface DnsFirewallProps {
  readonly vpc: IVpc
  readonly names: Pick<Names, 'installation'>
  readonly archives: IBucket
}

/**
 * Makes the resolver of a VPC answer only for the names that start a task and archive a site. Each is a whole name of an AWS
 * service, so a site cannot carry data out in a name: only AWS answers below `efs`, and those names exist only within a VPC.
 * Security groups and network ACLs do not apply to the resolver. Source: the Amazon VPC User Guide, "Amazon DNS attributes".
 */
export class DnsFirewall extends Construct {
  constructor(scope: Construct, id: string, { vpc, names, archives }: DnsFirewallProps) {
    super(scope, id)
    const { region, account } = Stack.of(this)
    const { vpcId } = vpc
    const ofRegion = `${region}.amazonaws.com`
    const list = (name: string, domains: string[]): string =>
      new CfnFirewallDomainList(this, name, { name: `${names.installation}-${name.toLowerCase()}`, domains }).attrId
    const needed = list('Needed', [
      `api.ecr.${ofRegion}`,
      `${account}.dkr.ecr.${ofRegion}`,
      `logs.${ofRegion}`,
      `ssm.${ofRegion}`,
      `*.efs.${ofRegion}`,
      `prod-${region}-starport-layer-bucket.s3.${ofRegion}`,
      archives.bucketRegionalDomainName,
    ])
    const rules = new CfnFirewallRuleGroup(this, 'Rules', {
      name: `${names.installation}-isolated`,
      firewallRules: [
        {
          priority: 1,
          action: 'ALLOW',
          firewallDomainListId: needed,
          // Names of buckets and endpoints are aliases; AWS decides where they point.
          firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
        },
        { priority: 2, action: 'BLOCK', blockResponse: 'NODATA', firewallDomainListId: list('Everything', ['*']) },
      ],
    })
    // While the firewall does not answer, the resolver answers nothing: a VPC is made with FirewallFailOpen DISABLED.
    new CfnFirewallRuleGroupAssociation(this, 'Association', {
      name: `${names.installation}-isolated`,
      vpcId,
      firewallRuleGroupId: rules.attrId,
      priority: 101,
    })
  }
}
