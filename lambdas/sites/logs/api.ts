import { isId } from '../../../core/ids.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { requireOwnSite, requireSite } from '../../../core/site/change-site.ts'
import {
  type Answer,
  type OperatorPorts,
  type OwnerPorts,
  operatorEndpoint,
  ownerEndpoint,
} from '../../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../../_runtime/http-handler.ts'
import {
  type ListContainersPorts,
  listContainers,
  type ReadLogsPorts,
  readLogs,
  type SiteLogs,
} from '../evidence/read-logs.ts'
import { logOperations } from './operations.ts'

export interface LogApiPorts extends ReadLogsPorts, OwnerPorts, OperatorPorts, HttpPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly runtime: ReadLogsPorts['runtime'] & ListContainersPorts['runtime']
}

/** Reads output for operators and owners, apart from their other operations: it alone has the sites' secrets, to hide them. */
export const create = (ports: LogApiPorts) => {
  const find = async (id: string) => (isId('site', id) ? ports.sites.get(id) : undefined)
  const answer = (body: SiteLogs): Answer => ({ status: 200, body })
  return httpHandler(
    [
      operatorEndpoint(logOperations.operatorReadLogs, ports, async ({ params, query: { after } }) =>
        answer(await readLogs(ports, requireSite(await find(params.id)), { after, reader: 'operator' })),
      ),
      ownerEndpoint(logOperations.readLogs, ports, async ({ params, query: { after } }, { session }) => {
        const site = requireOwnSite(await find(params.id), session.accountId)
        return answer(await readLogs(ports, site, { after, reader: 'owner' }))
      }),
      ownerEndpoint(logOperations.listContainers, ports, async ({ params }, { session }) => {
        const site = requireOwnSite(await find(params.id), session.accountId)
        return { status: 200, body: { containers: await listContainers(ports, site) } }
      }),
    ],
    ports,
  )
}
