import type { Stage } from '../../core/config/stage.ts'
import { ipv4Range } from '../../core/config/stage.ts'

/** Services of a cluster; each site is one. Source: AWS General Reference, "Amazon ECS endpoints and quotas". */
const servicesOfACluster = 5000

/** Of a file system; each site has one. Source: Amazon EFS User Guide, "Creating access points". */
const accessPointsOfAFileSystem = 10_000

/** A cell's addresses are eight blocks, four of each kind, of which each zone has one; AWS keeps five addresses of a block. */
const blocksOfACell = 8
const addressesKept = 5

const addressesOf = (cidr: string, zones: number): number => {
  const range = ipv4Range(cidr)
  const addresses = range === undefined ? 0 : range.last - range.first + 1
  return zones * (addresses / blocksOfACell - addressesKept)
}

/**
 * An account has 10,000 roles at most, of which each site has one; 200 are left to the deployment itself, CDK and AWS. Source:
 * IAM User Guide, "IAM and AWS STS quotas".
 */
export const mostSitesOfAnAccount = 9800

/** The sites that one deployment has room for, if they all run by blueprints of one kind of `outbound`. */
export const roomForSites = ({ cells, availabilityZones }: Stage): number =>
  Math.min(
    mostSitesOfAnAccount,
    cells.reduce(
      (sum, { cidr }) =>
        sum + Math.min(servicesOfACluster, accessPointsOfAFileSystem, addressesOf(cidr, availabilityZones.length)),
      0,
    ),
  )
