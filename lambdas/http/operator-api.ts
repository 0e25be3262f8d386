import type { HttpPorts } from '../_runtime/http-handler.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import type { OperatorBillingPorts } from './operator-billing.ts'
import { billingControlRoutes } from './operator-billing.ts'
import type { OperatorControlPorts } from './operator-controls.ts'
import { controlRoutes } from './operator-controls.ts'
import type { OperatorSitePorts } from './operator-sites.ts'
import { siteRoutes } from './operator-sites.ts'

export interface OperatorApiPorts extends OperatorSitePorts, OperatorControlPorts, OperatorBillingPorts, HttpPorts {}

/** What operators may ask. */
export const create = (ports: OperatorApiPorts) =>
  httpHandler([...siteRoutes(ports), ...controlRoutes(ports), ...billingControlRoutes(ports)], ports)
