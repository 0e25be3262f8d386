import { inOrder } from '../../core/in-order.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type ConfigurePorts, changeConfiguration } from '../configuration/change-configuration.ts'
import { type NewValues, noValues, withValues } from '../configuration/configuration.ts'
import { requireSiteOfOwn } from './allowance.ts'
import { declaring } from './declare-values.ts'

/**
 * Sets and takes back values of a site for its owner, and starts it with them. Nothing happens if it has them already.
 * @throws {SitewrightError} `NotFound`; `Forbidden` for a site that a vendor's software runs on; as `changeConfiguration`.
 */
export const changeOwnValues = async (ports: ConfigurePorts, act: OwnerAct, values: NewValues): Promise<Site> => {
  const site = await findOwnSite(ports, act)
  requireSiteOfOwn(site)
  const { configuration: basedOn = 0 } = site
  const before = basedOn === 0 ? undefined : await ports.configurations.read(site.id, basedOn)
  const { variables } = before ?? noValues
  const isSame = inOrder(withValues(variables, values.variables)) === inOrder(variables)
  if (isSame && Object.keys(values.secrets).length === 0 && Object.keys(values.variables).length > 0) return site
  const blueprints: ConfigurePorts['blueprints'] = {
    ...ports.blueprints,
    get: async (...named) => {
      const found = await ports.blueprints.get(...named)
      return found && declaring(found, values)
    },
  }
  return changeConfiguration({ ...ports, blueprints }, act, { ...values, basedOn, reason: 'By its owner' })
}
