import type { IVpc } from 'aws-cdk-lib/aws-ec2'
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'

interface ClosedSecurityGroupProps {
  readonly vpc: IVpc
  readonly description: string
}

/**
 * A security group that lets nothing in or out until a rule does. A rule between two groups is a resource of its own, and EC2
 * adds a rule that lets everything out to a group that is made without any; so this one is made with one, which leads to
 * itself. Source: the CloudFormation reference, AWS::EC2::SecurityGroup.
 */
export class ClosedSecurityGroup extends SecurityGroup {
  constructor(scope: Construct, id: string, { vpc, description }: ClosedSecurityGroupProps) {
    super(scope, id, { vpc, description, allowAllOutbound: false })
    this.addEgressRule(Peer.ipv4('127.0.0.1/32'), Port.tcp(443), 'nothing but what other rules allow')
  }
}
