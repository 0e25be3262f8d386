import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2'
import { CfnSubnet, CfnSubnetRouteTableAssociation, CfnVPCCidrBlock, Subnet } from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { subnetsOf } from '../../../core/config/stage.ts'

/** A blueprint's `outbound`, and what a site that has it may reach. */
type Outbound = 'none' | 'internet'

interface CellSubnetsProps {
  readonly vpc: IVpc
  readonly cidr: string
  readonly zones: readonly string[]
  /** By what a subnet's sites may reach. */
  readonly routeTables: Readonly<Record<Outbound, string>>
  /** What the subnets are called by people. */
  readonly name: string
}

/** Room for four zones of each kind, so that a zone that is added later moves no subnet that is there. */
const bitsForZones = 2

/**
 * A cell's own addresses in the VPC: half for sites without a way out, half for those with one; in each half a subnet for
 * each zone. Of a /17 a subnet has 4,091 addresses, and a cluster takes 5,000 services.
 */
export class CellSubnets extends Construct {
  readonly none: readonly ISubnet[]
  readonly internet: readonly ISubnet[]

  constructor(scope: Construct, id: string, props: CellSubnetsProps) {
    super(scope, id)
    const block = new CfnVPCCidrBlock(this, 'Addresses', { vpcId: props.vpc.vpcId, cidrBlock: props.cidr })
    const blocks = subnetsOf(props.cidr, bitsForZones + 1)
    const half = blocks.length / 2

    const kind = (outbound: Outbound, first: number): readonly ISubnet[] =>
      props.zones.map((zone, index) => {
        const letter = zone.slice(-1)
        const subnet = new CfnSubnet(this, `${outbound}.${letter}`, {
          vpcId: props.vpc.vpcId,
          availabilityZone: zone,
          cidrBlock: blocks[first + index] ?? props.cidr,
          mapPublicIpOnLaunch: false,
          tags: [{ key: 'Name', value: `${props.name}/${outbound}/${letter}` }],
        })
        subnet.node.addDependency(block)
        const routeTableId = props.routeTables[outbound]
        new CfnSubnetRouteTableAssociation(this, `${outbound}.${letter}.Routes`, {
          subnetId: subnet.attrSubnetId,
          routeTableId,
        })
        return Subnet.fromSubnetAttributes(this, `${outbound}.${letter}.Subnet`, {
          subnetId: subnet.attrSubnetId,
          availabilityZone: zone,
          routeTableId,
        })
      })

    this.none = kind('none', 0)
    this.internet = kind('internet', half)
  }
}
