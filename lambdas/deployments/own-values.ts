import { inOrder } from '../../core/in-order.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { configurationDue } from '../../core/site/site-facts.ts'
import { type ConfigurePorts, changeConfiguration } from '../configuration/change-configuration.ts'
import { type NewValues, noValues, withValues } from '../configuration/configuration.ts'
import { type AdmitPorts, countingSuccess } from '../rate-limits/admit-in-window.ts'
import { requireSiteOfOwn } from './allowance.ts'
import { declaring } from './declare-values.ts'

/** Each restarts the site, and each new secret takes a parameter of the account's 10,000 until the next one. */
export const changesPerDay = 100

/**
 * Sets and takes back values of a site for its owner, and starts it with them. Nothing happens if it has them already.
 * @throws {SitewrightError} `NotFound`; `Forbidden` for a site that a vendor's software runs on; `RateLimited`; as `changeConfiguration`.
 */
export const changeOwnValues = async (
  ports: ConfigurePorts & AdmitPorts,
  act: OwnerAct,
  values: NewValues,
): Promise<Site> => {
  const site = await findOwnSite(ports, act)
  requireSiteOfOwn(site)
  const { configuration: basedOn = 0 } = site
  const before = basedOn === 0 ? undefined : await ports.configurations.read(site.id, basedOn)
  const { variables } = before ?? noValues
  // While others are being applied, the values are about to change.
  const isSettled = (configurationDue(site) ?? basedOn) === basedOn
  const isSame = isSettled && inOrder(withValues(variables, values.variables)) === inOrder(variables)
  if (isSame && Object.keys(values.secrets).length === 0 && Object.keys(values.variables).length > 0) return site
  const blueprints: ConfigurePorts['blueprints'] = {
    ...ports.blueprints,
    get: async (...named) => {
      const found = await ports.blueprints.get(...named)
      return found && declaring(found, values)
    },
  }
  const limit = {
    ...{ key: `configurations-${site.id}`, limit: changesPerDay, milliseconds: 24 * 60 * 60_000 },
    message: (wait: string) =>
      `Variables and secrets can be changed ${changesPerDay} times a day. Try again in ${wait}.`,
  }
  return countingSuccess(ports, limit, () =>
    changeConfiguration({ ...ports, blueprints }, act, { ...values, basedOn, reason: 'By its owner' }),
  )
}
