import type * as z from 'zod'
import { actOf } from '../../core/site/change-site.ts'
import { type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { operatorSiteView } from '../operators/views.ts'
import type { SiteViewPorts } from '../sites/views.ts'
import { type ExportPorts, exportSite } from './export-site.ts'
import { type ImportPorts, importSite } from './import-site.ts'
import { leaveSite } from './leave-site.ts'
import { type importSchema, bundleOperations as operations } from './operations.ts'

export const create = (ports: ExportPorts & ImportPorts & SiteViewPorts & OperatorPorts) => {
  const routes = [
    operatorEndpoint(operations.operatorLeaveSite, ports, async ({ params, body }, context) => ({
      status: 202,
      body: operatorSiteView(await leaveSite(ports, actOf(params.id, context), body), ports),
    })),
    operatorEndpoint(operations.operatorExportSite, ports, async ({ params }, context) => ({
      body: await exportSite(ports, actOf(params.id, context)),
    })),
    operatorEndpoint(operations.operatorImportSite, ports, async ({ params: { id }, body }, context) => {
      const { siteId, site, hostname, outcome } = await importSite(ports, actOf(id, context), body)
      const view = { siteId, status: site?.status ?? null, outcome, url: ports.siteUrl(hostname) }
      return { status: 202, body: view satisfies z.input<typeof importSchema>, concerns: [siteId] }
    }),
  ]
  return httpHandler(routes, ports)
}
