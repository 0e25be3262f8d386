import { type ECSClient, paginateListTaskDefinitionFamilies } from '@aws-sdk/client-ecs'
import { GetRoleCommand, type IAMClient, paginateListRoles } from '@aws-sdk/client-iam'
import { DeleteParametersCommand, paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm'
import { logCapacityUse } from '../../core/config/count-cells.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Leftovers, RuntimeLeftover } from '../../core/ports/runtime.ts'
import { createTaskDefinitions } from '../ecs/task-definitions.ts'
import { removeRole } from '../iam/roles.ts'
import { asking, askingIfThere, everyItem } from './aws-calls.ts'
import { taggedSite } from './site-tags.ts'

/** Neither roles nor task definitions nor parameters belong to a cell: an installation has them once. */
const everyCell = 'every'

/** Standard parameters of an account in a region. Source: AWS General Reference, "AWS Systems Manager endpoints and quotas". */
const maxParameters = 10_000

const siteIn = (text: string): SiteId | undefined => {
  const found = /site_[0-9a-z]{26}/.exec(text)?.[0] ?? ''
  return isId('site', found) ? found : undefined
}

/**
 * Lists and removes the task definitions, roles and parameters of sites and of archiving jobs. Their names hold the
 * installation and the site; a role's tags are checked before it goes.
 */
export const createSiteLeftovers = (options: {
  readonly clients: { readonly ecs: ECSClient; readonly iam: IAMClient; readonly ssm: SSMClient }
  readonly installation: string
  /** The IAM paths of sites' and of jobs' roles. */
  readonly rolePaths: readonly string[]
  readonly parameterPath: string
  readonly log: Log
}): Leftovers => {
  const { clients, installation, rolePaths, parameterPath, log } = options
  const { ecs, iam, ssm } = clients
  const definitions = createTaskDefinitions(ecs, installation)
  const familyPrefixes = [`${installation}-site_`, `${installation}-archiver-site_`]

  const leftover = (kind: RuntimeLeftover['kind'], id: string | undefined): readonly RuntimeLeftover[] => {
    const siteId = siteIn(id ?? '')
    return id === undefined || siteId === undefined ? [] : [{ kind, id, siteId, cell: everyCell }]
  }

  const listFamilies = (familyPrefix: string): Promise<readonly RuntimeLeftover[]> =>
    everyItem(
      paginateListTaskDefinitionFamilies({ client: ecs, pageSize: 100 }, { familyPrefix, status: 'ACTIVE' }),
      ({ families }) => families?.flatMap((family) => leftover('task-definition', family)),
    )

  const listRoles = (PathPrefix: string): Promise<readonly RuntimeLeftover[]> =>
    everyItem(paginateListRoles({ client: iam, pageSize: 100 }, { PathPrefix }), ({ Roles }) =>
      Roles?.flatMap(({ RoleName }) => leftover('role', RoleName)),
    )

  const listParameters = async (): Promise<readonly RuntimeLeftover[]> => {
    const ParameterFilters = [{ Key: 'Path', Option: 'Recursive', Values: [parameterPath] }]
    const pages = paginateDescribeParameters({ client: ssm }, { ParameterFilters })
    const listed = await everyItem(pages, ({ Parameters }) =>
      Parameters?.flatMap(({ Name }) => leftover('parameter', Name)),
    )
    // AWS publishes no metric of it.
    logCapacityUse(log, { kind: 'parameters', used: listed.length, limit: maxParameters })
    return listed
  }

  const isOurRole = async (name: string): Promise<boolean> => {
    const found = await askingIfThere('look at a role', () => iam.send(new GetRoleCommand({ RoleName: name })))
    const { Path = '', Tags } = found?.Role ?? {}
    return rolePaths.includes(Path) && taggedSite(installation, Tags) !== undefined
  }

  return {
    list: () =>
      asking('list what is kept for sites', async () => [
        ...(await Promise.all(familyPrefixes.map(listFamilies))).flat(),
        ...(await Promise.all(rolePaths.map(listRoles))).flat(),
        ...(await listParameters()),
      ]),
    remove: async ({ kind, id }) => {
      switch (kind) {
        case 'task-definition':
          if (familyPrefixes.some((prefix) => id.startsWith(prefix))) await definitions.removeAll(id)
          return
        case 'role':
          if (await isOurRole(id)) await removeRole(iam, id)
          return
        case 'parameter':
          if (!id.startsWith(`${parameterPath}/`)) return
          await asking('delete a parameter', () => ssm.send(new DeleteParametersCommand({ Names: [id] })))
      }
    },
  }
}
