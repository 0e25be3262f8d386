import type { HttpPorts } from '../_runtime/http-handler.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import type { OperatorControlPorts } from './operator-controls.ts'
import { controlRoutes } from './operator-controls.ts'
import type { OperatorSitePorts } from './operator-sites.ts'
import { siteRoutes } from './operator-sites.ts'

export interface OperatorApiPorts extends OperatorSitePorts, OperatorControlPorts, HttpPorts {}

/** What operators may ask. */
export const create = (ports: OperatorApiPorts) => httpHandler([...siteRoutes(ports), ...controlRoutes(ports)], ports)
