import { ecsClient, iamClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createSiteLeftovers } from '../../adapters/cells/site-leftovers.ts'
import type { Leftovers } from '../../core/ports/leftovers.ts'
import type { Names } from '../names.ts'

/** What AWS keeps for the sites of this installation. */
export const openLeftovers = ({ names }: { readonly names: Names }): Leftovers =>
  createSiteLeftovers({
    clients: { ecs: ecsClient(), iam: iamClient(), ssm: ssmClient() },
    installation: names.installation,
    rolePaths: [names.siteRolePath, names.archiverRolePath],
    parameterPath: names.siteParameters,
  })
