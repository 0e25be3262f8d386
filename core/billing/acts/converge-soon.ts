import type { SiteId } from '../../ids.ts'
import type { ConvergePorts } from '../converge-ports.ts'
import { convergeSite } from '../converge-site.ts'

/**
 * Brings a site into line with Stripe before Stripe's event comes in, for whoever waits. Where that fails the event does it, or
 * the reconciliation, and nobody has to hear of it.
 */
export const convergeSoon = async (ports: ConvergePorts, siteId: SiteId, causationId: string): Promise<void> => {
  try {
    await convergeSite(ports, siteId, { causationId })
  } catch (error) {
    ports.log.warn({ siteId, err: error }, 'a site is not yet in line with Stripe; the event will see to it')
  }
}
