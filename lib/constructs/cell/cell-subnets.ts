import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2'
import { CfnSubnet, CfnSubnetRouteTableAssociation, CfnVPCCidrBlock, Subnet } from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { subnetsOf } from '../../../core/config/stage.ts'

/** A blueprint's `outbound`: what its sites may reach. */
type Outbound = 'none' | 'internet'

interface CellSubnetsProps {
  readonly vpc: IVpc
  readonly cidr: string
  readonly zones: readonly string[]
  /** Subnets by what their sites may reach. */
  readonly routeTables: Readonly<Record<Outbound, string>>
  /** The subnets' names for people. */
  readonly name: string
}

/** Room for four zones of each kind, so that adding a zone later moves no existing subnet. */
const bitsForZones = 2

/**
 * A cell's own addresses in the VPC: half for sites without internet access, half for those with it; in each half a subnet for
 * each zone. A subnet of a /17 has 4,091 addresses, and a cluster has at most 5,000 services.
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
