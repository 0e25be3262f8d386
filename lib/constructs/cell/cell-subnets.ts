import {
  CfnRoute,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPCCidrBlock,
  type ISubnet,
  Subnet,
} from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { subnetsOf } from '../../../core/config/stage.ts'
import type { Network, SiteNetworks } from '../edge/network.ts'

interface CellSubnetsProps {
  readonly network: Pick<Network, 'peeringId' | 'routerRouteTableIds' | 'sites'>
  readonly cidr: string
  readonly zones: readonly string[]
  /** The subnets' names for people. */
  readonly name: string
}

/** Room for four zones of each kind, so that adding a zone later moves no existing subnet. */
const bitsForZones = 2

/**
 * A cell's own addresses: half in the VPC of sites without internet access, half in that of sites with it; in each half a subnet for
 * each zone. A subnet of a /17 has 4,091 addresses, and a cluster has at most 5,000 services.
 */
export class CellSubnets extends Construct {
  readonly none: readonly ISubnet[]
  readonly internet: readonly ISubnet[]

  constructor(scope: Construct, id: string, props: CellSubnetsProps) {
    super(scope, id)
    const { cidr, network } = props
    const [noneCidr = cidr, internetCidr = cidr] = subnetsOf(cidr, 1)
    const blocks = subnetsOf(cidr, bitsForZones + 1)
    this.none = this.#kind('none', noneCidr, blocks, props)
    this.internet = this.#kind('internet', internetCidr, blocks.slice(blocks.length / 2), props)
    // Routers reach sites without internet access; sites with it reach the file system, which is beside those without.
    const toNone = [...network.routerRouteTableIds, network.sites.internet.routeTableId]
    for (const [index, routeTableId] of toNone.entries()) this.#route(`ToNone${index}`, routeTableId, noneCidr, props)
    this.#route('ToInternet', network.sites.none.routeTableId, internetCidr, props)
  }

  #kind(
    outbound: keyof SiteNetworks,
    cidrBlock: string,
    blocks: readonly string[],
    { network, zones, name }: CellSubnetsProps,
  ): readonly ISubnet[] {
    const { vpc, routeTableId } = network.sites[outbound]
    const { vpcId } = vpc
    const block = new CfnVPCCidrBlock(this, `${outbound}.Addresses`, { vpcId, cidrBlock })
    return zones.map((zone, index) => {
      const letter = zone.slice(-1)
      const subnet = new CfnSubnet(this, `${outbound}.${letter}`, {
        vpcId,
        availabilityZone: zone,
        cidrBlock: blocks[index] ?? cidrBlock,
        mapPublicIpOnLaunch: false,
        tags: [{ key: 'Name', value: `${name}/${outbound}/${letter}` }],
      })
      subnet.node.addDependency(block)
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
  }

  #route(id: string, routeTableId: string, destinationCidrBlock: string, { network }: CellSubnetsProps): void {
    new CfnRoute(this, id, { routeTableId, destinationCidrBlock, vpcPeeringConnectionId: network.peeringId })
  }
}
