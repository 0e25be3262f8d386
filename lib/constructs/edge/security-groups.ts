import { Aws, Stack, Validations } from 'aws-cdk-lib'
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { monthLog } from '../../deployment.ts'
import { acknowledgeWildcard } from '../control/permissions/grant.ts'

interface ClosedSecurityGroupProps {
  readonly vpc: IVpc
  readonly description: string
}

/**
 * A security group that allows nothing until a rule does. Each rule between two groups is a separate resource, and EC2 allows
 * all outbound traffic of a group that is created without outbound rules. So this one is created with a rule that allows only
 * itself. Source: the CloudFormation reference, AWS::EC2::SecurityGroup.
 */
export class ClosedSecurityGroup extends SecurityGroup {
  constructor(scope: Construct, id: string, { vpc, description }: ClosedSecurityGroupProps) {
    super(scope, id, { vpc, description, allowAllOutbound: false })
    this.addEgressRule(Peer.ipv4('127.0.0.1/32'), Port.tcp(443), 'nothing but what other rules allow')
  }
}

interface ManagedPrefixListProps {
  readonly names: Names
  /** The service's own name, such as `s3`. */
  readonly service: string
}

/**
 * The addresses of an AWS service in this region, as a prefix list for security groups. Its id differs between regions
 * and no resource has it as an attribute, so a deploy looks it up.
 */
export class ManagedPrefixList extends Construct {
  readonly prefixListId: string

  constructor(scope: Construct, id: string, { names, service }: ManagedPrefixListProps) {
    super(scope, id)
    const name = `com.amazonaws.${Aws.REGION}.${service}`
    const question = new AwsCustomResource(this, 'Question', {
      resourceType: 'Custom::ManagedPrefixList',
      onUpdate: {
        service: 'EC2',
        action: 'DescribeManagedPrefixLists',
        parameters: { Filters: [{ Name: 'prefix-list-name', Values: [name] }] },
        outputPaths: ['PrefixLists.0.PrefixListId'],
        physicalResourceId: PhysicalResourceId.of(service),
      },
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ['ec2:DescribeManagedPrefixLists'], resources: ['*'] }),
      ]),
      installLatestAwsSdk: false,
      logGroup: monthLog(this, 'Logs', `/${names.installation}/deploy`),
    })
    this.prefixListId = question.getResponseField('PrefixLists.0.PrefixListId')
    acknowledgeWildcard(this, '*', 'ec2:DescribeManagedPrefixLists takes no resources.')
    // All lookups of a stack share one function, which is a sibling of this construct.
    const answering = Stack.of(this).node.findChild(
      `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll('-', '')}`,
    )
    Validations.of(answering).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: "The CDK's own function writes its log this way, only during a deploy.",
    })
  }
}
